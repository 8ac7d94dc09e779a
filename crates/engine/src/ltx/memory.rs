//! Memory of a part that has gone, back to the system. The C library of Linux keeps what was freed in pieces of less than 32 MiB for
//! itself, and weights are such pieces: without this, a part would stand beside the leavings of the one before it. **Never here:** what
//! is freed, or when.

/// Gives back what was freed; nothing where the system does that by itself.
pub fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        unsafe extern "C" {
            fn malloc_trim(pad: usize) -> i32;
        }
        // SAFETY: the C library's own function; it takes a number, and touches only memory that nobody holds.
        unsafe { malloc_trim(0) };
    }
}
