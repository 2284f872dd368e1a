//! The binary: everything is in the library, see [`sipbrewery::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    sipbrewery::cli::main()
}
