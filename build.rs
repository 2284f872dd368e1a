//! Makes a new migration file a reason to build again.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
