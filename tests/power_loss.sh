#!/usr/bin/env bash
# Power cuts: runs the server in a virtual machine and kills the machine while it
# acknowledges webhooks, 12 times (PROOF_SCALE=2: 24). Nothing acknowledged may be lost.
#
#   tests/power_loss.sh              the proof
#   tests/counter_proofs.sh power    its counter-proof, with TEST_GUEST set as printed
#
# Needs Debian or the like, qemu-system-x86, e2fsprogs, busybox-static, cpio and binutils,
# and takes the kernel out of Debian's package (about 30 MB, kept in target/guest).
set -euo pipefail
cd "$(dirname "$0")/.."

guest=${TEST_GUEST:-$PWD/target/guest}
if [[ ! -e $guest/vmlinuz ]]; then
    mkdir -p "$guest/download" "$guest/modules"
    package=$(apt-cache depends linux-image-cloud-amd64 | awk '/Depends:/ { print $2; exit }')
    (cd "$guest/download" && apt-get download -qq "$package" && dpkg -x ./*.deb .)
    find "$guest/download/lib/modules" "$guest/download/usr/lib/modules" \
        \( -name 'virtio*.ko' -o -name 'failover.ko' -o -name 'net_failover.ko' \) \
        -exec cp {} "$guest/modules/" \; 2>/dev/null || true
    cp "$guest"/download/boot/vmlinuz-* "$guest/vmlinuz"
    rm -rf "$guest/download"
fi
printf 'TEST_GUEST=%s\n' "$guest"
TEST_GUEST=$guest cargo test --test api rigs::power -- --nocapture
