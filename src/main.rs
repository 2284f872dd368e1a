//! The binary: everything is in the library, see [`sipbrewery::cli`].

use std::process::ExitCode;

/// A fifth of a message's work was the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    sipbrewery::cli::main()
}
