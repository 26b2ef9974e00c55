//! What std's files leave to the system: who may read them, that a link is
//! not followed, that a rename lasts, and locks that a fork cannot undo.
//!
//! On Windows there is no mode to look at: a file has the access list of the
//! folder it is made in, and that of a user's profile lets in the user, the
//! administrators and the system.

use std::fs::{File, Metadata, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::path::Path;

use super::fork;

/// Why a file was not opened.
#[derive(Debug)]
pub enum Unfit {
    /// There is none.
    Missing,
    /// It is a folder, a link, a pipe or the like.
    NoFile,
    /// Somebody else can read it; the text says who.
    Exposed(&'static str),
    /// The system refused.
    Failed(io::Error),
}

/// Opens a file to read it, if nobody else can.
pub fn open(path: &Path) -> Result<File, Unfit> {
    fit(path, options().read(true).open(path))
}

/// Makes a file, which must not be there yet, that only its owner may use.
/// [`make_private`] is still due.
pub fn create(path: &Path) -> io::Result<File> {
    let file = options().write(true).create_new(true).open(path)?;
    #[cfg(unix)]
    let file = super::above_standard(file)?;
    Ok(file)
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        // Without O_NONBLOCK, a pipe in the file's place would be waited for.
        options.mode(0o600).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
    }
    #[cfg(windows)]
    {
        use std::os::windows::fs::OpenOptionsExt;
        // FILE_FLAG_OPEN_REPARSE_POINT: a link is opened itself, and is seen
        // to be no file.
        options.custom_flags(0x0020_0000);
    }
    options
}

fn fit(path: &Path, opened: io::Result<File>) -> Result<File, Unfit> {
    let file = opened.map_err(|error| match error.kind() {
        ErrorKind::NotFound => Unfit::Missing,
        // Each system has another error for it.
        _ if path.is_symlink() => Unfit::NoFile,
        _ => Unfit::Failed(error),
    })?;
    let about = file.metadata().map_err(Unfit::Failed)?;
    if !about.is_file() {
        return Err(Unfit::NoFile);
    }
    if let Some(how) = exposed(&about) {
        return Err(Unfit::Exposed(how));
    }
    #[cfg(unix)]
    let file = super::above_standard(file).map_err(Unfit::Failed)?;
    Ok(file)
}

#[cfg(unix)]
fn exposed(about: &Metadata) -> Option<&'static str> {
    use std::os::unix::fs::MetadataExt;
    // SAFETY: only asks who this process is.
    let user = unsafe { libc::geteuid() };
    if about.uid() != user {
        return Some("belongs to another user");
    }
    (about.mode() & 0o077 != 0).then_some("is open to other users")
}

#[cfg(not(unix))]
fn exposed(_: &Metadata) -> Option<&'static str> {
    None
}

/// Whether this process may write a file of so many bytes. A write beyond the
/// limit raises SIGXFSZ, which would end the program.
#[cfg(unix)]
pub fn check_size(bytes: usize) -> io::Result<()> {
    let mut limit = libc::rlimit { rlim_cur: libc::RLIM_INFINITY, rlim_max: libc::RLIM_INFINITY };
    // SAFETY: a place for the answer, for the call.
    let known = unsafe { libc::getrlimit(libc::RLIMIT_FSIZE, &mut limit) } == 0;
    if known && libc::rlim_t::try_from(bytes).is_ok_and(|bytes| bytes > limit.rlim_cur) {
        return Err(io::Error::from_raw_os_error(libc::EFBIG));
    }
    Ok(())
}

#[cfg(not(unix))]
pub fn check_size(_: usize) -> io::Result<()> {
    Ok(())
}

/// Gives the owner of a file that was just made the rights that the host's
/// umask may have withheld.
pub fn make_private(file: &File) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};
        if file.metadata()?.mode() & 0o777 != 0o600 {
            return file.set_permissions(PermissionsExt::from_mode(0o600));
        }
    }
    #[cfg(not(unix))]
    let _ = file;
    Ok(())
}

/// Makes what was renamed in `folder` outlast a loss of power, where the
/// system has a way to ask for it.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    match File::open(folder).and_then(|folder| folder.sync_all()) {
        // A folder that may be written and not read, or a file system that
        // does not do this.
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::PermissionDenied | ErrorKind::InvalidInput | ErrorKind::Unsupported
            ) =>
        {
            Ok(())
        }
        result => result,
    }
    // NTFS keeps a journal of renames.
    #[cfg(not(unix))]
    {
        let _ = folder;
        Ok(())
    }
}

/// A lock file. Whoever opened it and took it excludes everybody else: other
/// processes, and other threads of this one. The system lets go of it when the
/// process ends, however it ends.
#[derive(Debug)]
pub struct Lock {
    file: File,
    taken: bool,
    depth: u64,
}

impl Lock {
    /// Opens the lock file, which is made when it is not there.
    pub fn open(path: &Path) -> Result<Lock, Unfit> {
        fork::watch();
        let file = fit(path, options().read(true).write(true).create(true).truncate(false).open(path))?;
        make_private(&file).map_err(Unfit::Failed)?;
        Ok(Lock { file, taken: false, depth: fork::depth() })
    }

    /// Takes it, if nobody else has it. Does not wait.
    pub fn try_take(&mut self) -> io::Result<bool> {
        match self.file.try_lock() {
            Ok(()) => self.taken = true,
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Interrupted => {}
            Err(TryLockError::Error(error)) => return Err(error),
        }
        Ok(self.taken)
    }

    /// Whether this process took it: not so in the child of a fork.
    pub fn is_ours(&self) -> bool {
        self.taken && self.depth == fork::depth()
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // A child shares the lock and not the right to undo it. The other way
        // round, a child that still has the file open must not keep it taken.
        if self.is_ours() {
            let _ = self.file.unlock();
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::fd::AsRawFd;
    use std::path::PathBuf;

    use super::super::fork::tests::{forked, lower};
    use super::*;

    fn place(name: &str) -> PathBuf {
        std::env::temp_dir().join(format!("ropc-{name}-{}", std::process::id()))
    }

    fn take(path: &Path) -> (Lock, bool) {
        let mut lock = Lock::open(path).expect("a lock file");
        let taken = lock.try_take().expect("locks work");
        (lock, taken)
    }

    #[test]
    fn the_child_of_a_fork_neither_has_nor_undoes_a_lock() {
        let path = place("fork-undo");
        let (lock, taken) = take(&path);
        let shared = std::mem::ManuallyDrop::new(lock);
        let done = forked(|| {
            let ours = shared.is_ours();
            drop(std::mem::ManuallyDrop::into_inner(shared));
            !ours && !take(&path).1
        });
        assert!(done(), "the child had the lock, or undid it");
        // `shared` went to the closure, and is still open and locked here.
        assert!(taken && !take(&path).1, "the child undid the lock");
        std::fs::remove_file(&path).expect("the lock file");
    }

    #[test]
    fn the_child_of_a_fork_does_not_keep_a_lock() {
        let path = place("fork-keep");
        let (lock, taken) = take(&path);
        let (mut ended, end) = std::io::pipe().expect("a pipe");
        let writer = end.as_raw_fd();
        let done = forked(move || {
            // SAFETY: its own copy; else it would wait for itself.
            unsafe { libc::close(writer) };
            io::Read::read(&mut ended, &mut [0]).is_ok()
        });
        drop(lock);
        assert!(taken && take(&path).1, "the child's copy keeps the lock");
        drop(end);
        assert!(done());
        std::fs::remove_file(&path).expect("the lock file");
    }

    #[test]
    fn no_file_of_ours_becomes_a_standard_stream() {
        let path = place("streams");
        for first in [0, 1, 2] {
            let made = forked(|| {
                // SAFETY: the child's own streams, which it does not need.
                unsafe { (first..3).map(|stream| libc::close(stream)).for_each(drop) };
                let made = create(&path).is_ok_and(|file| file.as_raw_fd() > 2);
                let opened = open(&path).is_ok_and(|file| file.as_raw_fd() > 2);
                // Room for the standard streams, and no more.
                lower(libc::RLIMIT_NOFILE as i32, 3);
                made && opened && open(&path).is_err()
            });
            assert!(made(), "from {first} on closed");
            std::fs::remove_file(&path).expect("the file");
        }
    }

    #[test]
    fn a_file_may_be_as_large_as_the_process_may_write() {
        let checked = forked(|| {
            lower(libc::RLIMIT_FSIZE as i32, 100);
            let beyond = check_size(101).is_err_and(|error| error.raw_os_error() == Some(libc::EFBIG));
            beyond && check_size(0).is_ok() && check_size(100).is_ok() && check_size(usize::MAX).is_err()
        });
        assert!(checked());
    }

    #[test]
    fn a_folder_that_cannot_be_read_need_not_be_synced() {
        use std::os::unix::fs::PermissionsExt;
        let folder = place("unread");
        assert_eq!(sync_folder(&folder).expect_err("no folder").kind(), ErrorKind::NotFound);
        std::fs::create_dir(&folder).expect("a folder");
        sync_folder(&folder).expect("synced");
        std::fs::set_permissions(&folder, PermissionsExt::from_mode(0o300)).expect("a mode");
        let synced = forked(|| {
            // SAFETY: gives up rights that root has; else nothing happens.
            unsafe { libc::seteuid(65_534) };
            File::open(&folder).is_err() && sync_folder(&folder).is_ok()
        });
        assert!(synced());
        std::fs::remove_dir(&folder).expect("the folder");
    }
}
