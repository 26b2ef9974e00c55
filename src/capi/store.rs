//! `ropc_store_*`.

use std::ffi::{CString, c_char, c_void};
use std::sync::Arc;

use super::error::ropc_error;
use super::status::ropc_status;
use super::{free, guard, handle, place, text};
use crate::oauth::store::{FileStore, HostStore, Save, Store};

/// Where sessions keep their tokens between two runs of the program. Any
/// thread may use it, for any number of sessions; sessions keep what they
/// need of it.
pub struct ropc_store {
    pub(crate) store: Arc<Store>,
}

/// Rule 6 of the header rests on this.
const _: () = {
    const fn shared_by_threads<T: Send + Sync>() {}
    shared_by_threads::<ropc_store>();
};

/// A function that saves `record`, a line of text that holds tokens, as the
/// record of `user_key`, or forgets that user's when it is NULL; what it
/// gets is borrowed. Returns 1 when that is done, and 0 when it could not
/// be. Called inside blocking calls on the thread that makes them, as rule
/// 7 says; it must not use the session that calls it (ROPC_E_STATE).
pub type ropc_save_fn =
    Option<unsafe extern "C" fn(user: *mut c_void, user_key: *const c_char, record: *const c_char) -> i32>;

/// The file at `path`, which counts from the current folder of this moment,
/// as a store for up to 500 users and any number of processes at once. It
/// need not exist yet; its folder must, and be yours. Only its owner may
/// read it: it is made with mode 0600, and refused when others can read it
/// (ROPC_REASON_STORE_EXPOSED) or when it is no such file
/// (ROPC_REASON_STORE_BROKEN); it is never overwritten then. Without its
/// folder: ROPC_REASON_STORE_ACCESS. On Windows the folder's permissions
/// protect it. It is not encrypted.
///
/// Each save replaces the file as a whole and is on the disk before it is
/// used. Beside it lie `path`.lock and one such file for each user, which
/// keep processes from refreshing at the same time. On a network drive
/// these work if the drive has file locks. A process that is stopped in
/// the middle of a save holds up others for up to 3 s more than their time
/// limit.
///
/// `out` is yours; free it with ropc_store_free(). Blocks as long as
/// reading the file takes.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_store_file(
    path: *const c_char,
    out: *mut *mut ropc_store,
    err: *mut *mut ropc_error,
) -> ropc_status {
    guard(err, move || {
        // SAFETY: rules 1 and 2 of the header.
        let (out, path) = unsafe { (place("out", out)?, text("path", path)?) };
        out.give(ropc_store { store: Arc::new(Store::File(FileStore::open(path)?)) });
        Ok(())
    })
}

/// The program's own store: a keychain, a profile. After a sign-in and each
/// refresh the session answers ROPC_SAVE_FIRST until the program has saved
/// the record that ropc_session_pending() gives, and said so with
/// ropc_session_saved(). With `save`, which gets `user`, blocking calls of
/// the session have that done by themselves; the sign-in is not one of
/// them, so ask for a token behind it. Both must outlive the store and its
/// sessions. NULL: no function.
///
/// Such a store has no lock: one process at a time may use a user's record.
/// Nor does it know of a refresh that was sent: after a crash in the middle
/// of one the next start sends the same refresh token again, which a
/// strict server answers by ending all of the user's tokens. A refresh
/// that had no answer is told by a mark in the record, which
/// ropc_session_pending() then gives once more: saved like any other, it
/// has the next start say ROPC_E_UNCLEAR and send nothing. Before you
/// free a session, see that ropc_session_status() says refreshing 0 and
/// ropc_session_pending() gives NULL; what comes later waits in this store,
/// as long as it lives, for the next ropc_session_resume() of that user,
/// which prefers it to an older record of ropc_store_give() and says
/// ROPC_SAVE_FIRST; a new sign-in of that user discards it, and a sign-out
/// ends its tokens too. When a session says ROPC_E_SIGNED_OUT, forget its
/// record.
///
/// `out` is yours; free it with ropc_store_free(). Does not block.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_store_host(
    save: ropc_save_fn,
    user: *mut c_void,
    out: *mut *mut ropc_store,
    err: *mut *mut ropc_error,
) -> ropc_status {
    guard(err, move || {
        // SAFETY: rule 2 of the header.
        let out = unsafe { place("out", out)? };
        out.give(ropc_store { store: Arc::new(Store::Host(HostStore::new(saver(save, user)))) });
        Ok(())
    })
}

/// Gives a store of ropc_store_host() the record that was saved for
/// `user_key`, for the next ropc_session_resume() of that user. It is
/// copied. ROPC_E_UNSUPPORTED for a file. Does not block.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_store_give(
    store: *const ropc_store,
    user_key: *const c_char,
    record: *const c_char,
    err: *mut *mut ropc_error,
) -> ropc_status {
    guard(err, move || {
        // SAFETY: rule 6 of the header.
        let store = unsafe { handle("store", store)? };
        // SAFETY: rule 1 of the header.
        let (user_key, record) = unsafe { (text("user_key", user_key)?, text("record", record)?) };
        store.store.give(user_key, record)
    })
}

/// Frees a store. NULL does nothing; its sessions live on, and its file
/// stays.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_store_free(store: *mut ropc_store) {
    // SAFETY: rule 2 of the header.
    unsafe { free(store) };
}

/// The store of a call that may have none.
///
/// # Safety
/// `store` is NULL or came from this library and was not freed.
pub(crate) unsafe fn optional(store: *const ropc_store) -> Option<Arc<Store>> {
    // SAFETY: as the function's own.
    unsafe { store.as_ref() }.map(|store| store.store.clone())
}

/// The caller's function and its argument.
struct Host {
    save: unsafe extern "C" fn(*mut c_void, *const c_char, *const c_char) -> i32,
    user: *mut c_void,
}

// SAFETY: the caller promises that both may be used by any thread that makes a
// blocking call (ropc_store_host).
unsafe impl Send for Host {}
// SAFETY: as above.
unsafe impl Sync for Host {}

impl Host {
    fn save(&self, user_key: &str, record: Option<&str>) -> bool {
        // Neither holds a NUL: a user key came from C, and a record is JSON.
        let Ok(user_key) = CString::new(user_key) else {
            return false;
        };
        let record = record.map(super::Text::new);
        let record = record.as_ref().map_or(std::ptr::null(), super::Text::as_ptr);
        // SAFETY: the caller's function, with texts that live for the call.
        unsafe { (self.save)(self.user, user_key.as_ptr(), record) == 1 }
    }
}

fn saver(save: ropc_save_fn, user: *mut c_void) -> Option<Save> {
    let host = Host { save: save?, user };
    Some(Arc::new(move |user_key: &str, record: Option<&str>| host.save(user_key, record)))
}
