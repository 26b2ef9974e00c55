//! The only place with code per operating system.

pub mod clock;
pub mod file;
pub mod fork;
pub mod registers;
pub mod socket;
pub mod stream;
pub mod sync;
pub mod thread;
pub mod undumped;

/// A program that closed its standard streams and prints all the same must not
/// print into our files and connections. (std copies descriptors above those.)
#[cfg(unix)]
pub fn above_standard<T>(ours: T) -> std::io::Result<T>
where
    T: std::os::fd::AsFd + From<std::os::fd::OwnedFd>,
{
    use std::os::fd::AsRawFd;
    match ours.as_fd().as_raw_fd() {
        0..=2 => Ok(ours.as_fd().try_clone_to_owned()?.into()),
        _ => Ok(ours),
    }
}

/// Whether the process or the system is out of descriptors or memory.
pub fn is_short(error: &std::io::Error) -> bool {
    #[cfg(unix)]
    let short = matches!(error.raw_os_error(), Some(libc::EMFILE | libc::ENFILE | libc::ENOBUFS | libc::ENOMEM));
    // ERROR_TOO_MANY_OPEN_FILES, ERROR_NOT_ENOUGH_MEMORY, WSAEMFILE, WSAENOBUFS.
    #[cfg(not(unix))]
    let short = matches!(error.raw_os_error(), Some(4 | 8 | 10_024 | 10_055));
    short
}

/// Keeps this library mapped for the rest of the process: a thread that a call
/// left behind must find its code. Elsewhere the linker sees to it (build.rs).
pub fn stay_loaded() {
    #[cfg(windows)]
    {
        use windows_sys::Win32::System::LibraryLoader::{
            GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, GET_MODULE_HANDLE_EX_FLAG_PIN, GetModuleHandleExW,
        };
        let mut module = std::ptr::null_mut();
        let flags = GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS;
        // SAFETY: the address is one of this module's functions, which is what
        // the flag asks for; the handle is written to a local.
        unsafe { GetModuleHandleExW(flags, stay_loaded as *const () as *const u16, &mut module) };
    }
}
