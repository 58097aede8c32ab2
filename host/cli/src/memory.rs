//! How the allocator of the C library treats memory that was freed.
//!
//! By default glibc gives blocks of more than 128 KiB back to the system as
//! soon as they are freed, and gets new, zeroed pages for the next one. A batch
//! of a file is dozens of such blocks, and the next batch takes as many: on a
//! million rows of 30 columns a quarter of the time of decoding went into
//! pages. Kept, the same memory is used again; the peak does not grow.

/// Bytes below which a block comes from the heap and stays there: the largest
/// that glibc accepts.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const HEAP_BLOCK: i32 = 32 << 20;
/// Bytes at the end of the heap that are not given back.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const KEPT: i32 = 1 << 30;
/// Bytes that the heap grows by at least.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const STEP: i32 = 16 << 20;

/// Keeps what is freed for the next batch. Does nothing where the C library is
/// another one.
#[cfg_attr(all(target_os = "linux", target_env = "gnu"), allow(unsafe_code))]
pub fn keep_freed() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    for (parameter, bytes) in [
        (libc::M_MMAP_THRESHOLD, HEAP_BLOCK),
        (libc::M_TRIM_THRESHOLD, KEPT),
        (libc::M_TOP_PAD, STEP),
    ] {
        // SAFETY: `mallopt` sets one number in the allocator, takes no pointer
        // and keeps nothing of ours; it is called before a second thread
        // exists. A value that it does not take it refuses, and nothing changes.
        unsafe { libc::mallopt(parameter, bytes) };
    }
}
