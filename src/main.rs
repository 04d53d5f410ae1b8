//! The program: see the library's room `cli`.

use std::process::ExitCode;

#[cfg(feature = "cli")]
fn main() -> ExitCode {
    lunation::cli::run(std::env::args_os())
}

/// A build without the feature `cli` has no program to run.
#[cfg(not(feature = "cli"))]
fn main() -> ExitCode {
    eprintln!("lunation was built without the feature `cli`");
    ExitCode::from(2)
}
