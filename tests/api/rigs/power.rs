//! P1 through a power cut: the server runs in a virtual machine that is killed while it
//! acknowledges, which loses whatever it had not flushed to its disk.
//!
//! Needs a kernel, and runs only where `TEST_GUEST` names a folder with one:
//! `tests/power_loss.sh` makes it and runs this. What a disk itself may lose of what it
//! said was written is not part of the model.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use sipbrewery::clock::Clock;
use sipbrewery::id::Ids;
use sipbrewery::security::{Keyring, MasterKeys, Place};
use sipbrewery::storage::Db;
use sipbrewery::whatsapp::InboundMessage;

use crate::harness::app::{APP_SECRET, environment, sign};
use crate::harness::network::client;
use crate::harness::scale::scale;
use crate::harness::service::free_port;
use crate::harness::webhook::text;

const CUTS: usize = 12;
/// Webhooks under way at a time.
const WRITERS: usize = 16;
/// A machine that emulates another takes its time.
const BOOT: Duration = Duration::from_mins(3);
/// In the order they depend on each other.
const MODULES: [&str; 9] = [
    "virtio",
    "virtio_ring",
    "virtio_pci_legacy_dev",
    "virtio_pci_modern_dev",
    "virtio_pci",
    "failover",
    "net_failover",
    "virtio_blk",
    "virtio_net",
];

#[expect(
    clippy::disallowed_methods,
    reason = "the run of the tests is set up by its environment"
)]
fn kernel() -> Option<PathBuf> {
    let folder = std::env::var("TEST_GUEST").ok()?;
    (!folder.is_empty()).then(|| folder.into())
}

fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let output = output.unwrap_or_else(|e| panic!("{program}: {e}"));
    // fsck says with 1 that it mended something, which is its work here.
    assert!(
        output.status.code().is_some_and(|code| code <= 1),
        "{program} {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Makes what the guest starts from: this very build, and what it needs.
fn initrd(kernel: &Path, scratch: &Path, settings: &[(&'static str, String)]) -> PathBuf {
    let root = scratch.join("root");
    for folder in ["bin", "data", "dev", "modules", "proc", "sys"] {
        std::fs::create_dir_all(root.join(folder)).unwrap();
    }
    let program = root.join("sipbrewery");
    let program = program.to_str().unwrap();
    run("strip", &["-o", program, env!("CARGO_BIN_EXE_sipbrewery")]);
    for word in run("ldd", &[program]).split_whitespace() {
        if word.starts_with('/') {
            let copy = root.join(word.trim_start_matches('/'));
            std::fs::create_dir_all(copy.parent().unwrap()).unwrap();
            std::fs::copy(word, copy).unwrap();
        }
    }
    let busybox = run("which", &["busybox"]);
    std::fs::copy(busybox.trim(), root.join("bin/busybox")).unwrap();
    let mut steps = String::from(
        "#!/bin/busybox sh\n/bin/busybox --install -s /bin\n\
         mount -t proc proc /proc\nmount -t sysfs sys /sys\nmount -t devtmpfs dev /dev\n",
    );
    for module in MODULES {
        let file = format!("modules/{module}.ko");
        if kernel.join(&file).exists() {
            std::fs::copy(kernel.join(&file), root.join(&file)).unwrap();
            writeln!(steps, "insmod /{file}").unwrap();
        }
    }
    steps.push_str(
        "mount -t ext4 /dev/vda /data\nip link set lo up\nip addr add 10.0.2.15/24 dev eth0\n\
         ip link set eth0 up\nip route add default via 10.0.2.2\n",
    );
    for (name, value) in settings {
        writeln!(steps, "export {name}='{value}'").unwrap();
    }
    steps.push_str("/sipbrewery --env-file /dev/null serve\necho the service ended\npoweroff -f\n");
    std::fs::write(root.join("init"), steps).unwrap();
    run("chmod", &["755", root.join("init").to_str().unwrap()]);
    let image = scratch.join("initrd.img");
    let pack = format!(
        "cd '{}' && find . | cpio --quiet -o -H newc > '{}'",
        root.display(),
        image.display()
    );
    run("sh", &["-c", &pack]);
    image
}

/// A virtual machine with the server in it.
struct Guest {
    machine: Child,
    port: u16,
}

impl Guest {
    async fn boot(kernel: &Path, scratch: &Path, number: usize) -> Self {
        let port = free_port();
        let at = |name: &str| scratch.join(name).display().to_string();
        let mut machine = Command::new("qemu-system-x86_64");
        if Path::new("/dev/kvm").exists() {
            machine.args(["-accel", "kvm", "-accel", "tcg"]);
        }
        let machine = machine
            .args(["-m", "1024", "-display", "none", "-no-reboot"])
            .args([
                "-serial",
                &format!("file:{}", at(&format!("boot-{number}.log"))),
            ])
            .args(["-kernel", &kernel.join("vmlinuz").display().to_string()])
            .args(["-initrd", &at("initrd.img")])
            .args(["-append", "console=ttyS0 quiet panic=1 rdinit=/init"])
            .args([
                "-drive",
                &format!("file={},format=raw,if=virtio", at("disk.img")),
            ])
            .args([
                "-netdev",
                &format!("user,id=n,restrict=on,hostfwd=tcp:127.0.0.1:{port}-10.0.2.15:8080"),
            ])
            .args(["-device", "virtio-net-pci,netdev=n"])
            .stdin(Stdio::null())
            .spawn()
            .expect("qemu-system-x86_64 is installed");
        let guest = Self { machine, port };
        guest.wait(scratch, number).await;
        guest
    }

    async fn wait(&self, scratch: &Path, number: usize) {
        let asking = client(Duration::from_secs(2));
        let url = format!("http://127.0.0.1:{}/healthz", self.port);
        let began = Instant::now();
        while began.elapsed() < BOOT {
            if asking
                .get(&url)
                .send()
                .await
                .is_ok_and(|a| a.status() == 200)
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let log = std::fs::read_to_string(scratch.join(format!("boot-{number}.log")));
        panic!("the guest did not come up: {}", log.unwrap_or_default());
    }

    /// As pulling the plug: nothing is flushed any more.
    fn cut(mut self) {
        self.machine.kill().expect("it was running");
        self.machine.wait().expect("a process of ours");
    }
}

/// Writes without pause until nobody answers, and notes what was acknowledged.
async fn write(port: u16, cut: usize, writer: usize, acknowledged: Arc<Mutex<HashSet<String>>>) {
    let http = client(Duration::from_secs(2));
    let url = format!("http://127.0.0.1:{port}/webhooks/whatsapp");
    for n in 0.. {
        let wamid = format!("wamid.{cut}.{writer}.{n}");
        let at = Clock::system().now().as_second();
        let body = text(&format!("9190{cut:02}{writer:04}00"), &wamid, at, "hi");
        let signature = sign(APP_SECRET, &body);
        let request = http.post(&url).header("x-hub-signature-256", signature);
        match request.body(body).send().await {
            Ok(answer) if answer.status() == 200 => {
                acknowledged.lock().unwrap().insert(wamid);
            }
            _ => return,
        }
    }
}

/// Returns the message ids that the disk holds after the last cut.
async fn kept(scratch: &Path, data_key: &str) -> HashSet<String> {
    let disk = scratch.join("disk.img").display().to_string();
    run("e2fsck", &["-fy", &disk]);
    let found = scratch.join("found");
    std::fs::create_dir_all(&found).unwrap();
    let dump = format!("rdump / {}", found.display());
    run("debugfs", &["-R", &dump, &disk]);
    let url = format!("sqlite://{}", found.join("sip.db").display());
    let db = Db::open(&url, 1).await.expect("the database is whole");
    let now = Clock::system().now();
    let masters = MasterKeys::parse(data_key).expect("our own key");
    let keys = Keyring::load(&db, masters, &Ids::random(), now).await;
    let keys = keys.expect("the keys are there");
    let mut conn = db.read().await.expect("a connection");
    let sound: String = sqlx::query_scalar("pragma integrity_check")
        .fetch_one(&mut *conn)
        .await
        .expect("it can be checked");
    assert_eq!(sound, "ok");
    let rows: Vec<(String, Vec<u8>)> =
        sqlx::query_as("select id, payload from inbox where kind = 'message'")
            .fetch_all(&mut *conn)
            .await
            .expect("the inbox can be read");
    let wamid = |(id, sealed): (String, Vec<u8>)| {
        let place = Place {
            table: "inbox",
            column: "payload",
            row: &id,
        };
        let plain = keys.ingest().open(place, &sealed).expect("it opens");
        InboundMessage::from_stored(&plain).expect("it reads").wamid
    };
    rows.into_iter().map(wamid).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_was_acknowledged_is_lost_when_the_power_fails() {
    let Some(kernel) = kernel() else {
        eprintln!("power: TEST_GUEST is not set; run tests/power_loss.sh");
        return;
    };
    let _alone = super::ONE_AT_A_TIME.lock().await;
    let folder = tempfile::tempdir().unwrap();
    let scratch = folder.path();
    let mut settings = environment("sqlite:///data/sip.db", "http://127.0.0.1:9");
    for (name, value) in &mut settings {
        if *name == "HTTP_ADDR" {
            "0.0.0.0:8080".clone_into(value);
        }
    }
    settings.push(("RUST_LOG", "error".to_owned()));
    let data_key = settings.iter().find(|(name, _)| *name == "DATA_KEY");
    let data_key = data_key.expect("a key").1.clone();
    initrd(&kernel, scratch, &settings);
    let disk = scratch.join("disk.img").display().to_string();
    run("truncate", &["-s", "512M", &disk]);
    run("mkfs.ext4", &["-q", &disk]);

    let acknowledged = Arc::new(Mutex::new(HashSet::new()));
    let mut dice = StdRng::seed_from_u64(12);
    for cut in 0..CUTS * scale() {
        let guest = Guest::boot(&kernel, scratch, cut).await;
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| tokio::spawn(write(guest.port, cut, writer, Arc::clone(&acknowledged))))
            .collect();
        let until = Duration::from_millis(dice.random_range(500..3_000));
        tokio::time::sleep(until).await;
        guest.cut();
        for writer in writers {
            writer.await.unwrap();
        }
    }
    let kept = kept(scratch, &data_key).await;
    let acknowledged = acknowledged.lock().unwrap();
    let lost = acknowledged.difference(&kept).count();
    eprintln!(
        "power: {} cuts, {} acknowledged, {lost} lost",
        CUTS * scale(),
        acknowledged.len()
    );
    assert!(
        acknowledged.len() > CUTS * 10,
        "hardly anything was written"
    );
    assert_eq!(lost, 0, "acknowledged and not on the disk");
}
