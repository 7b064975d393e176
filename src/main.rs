//! The `chirm` program.

/// Returns memory sooner and contends less between threads than the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    chirm::cli::main()
}
