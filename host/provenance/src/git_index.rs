//! Which files git tracks: names out of `.git/index`, without calling git.
//!
//! Read are versions 2, 3 and 4 with SHA-1 or SHA-256 names of objects, as in
//! git's `gitformat-index` (5). A split or sparse index is not understood; who
//! asks lists the files in another way then. Contents are never taken from
//! git, so a damaged index can at worst name the wrong files.

use std::path::{Component, Path, PathBuf};

/// Bytes of an index that is read: ten million files would fit.
const LARGEST: u64 = 1 << 30;

/// One tracked file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Path relative to the folder that was asked for, with `/`.
    pub(crate) path: Vec<u8>,
}

/// The files tracked below a folder, in byte order; none where the folder is in
/// no work tree, or its index is not understood.
pub(crate) fn entries(folder: &Path) -> Option<Vec<Entry>> {
    let folder = folder.canonicalize().ok()?;
    let (root, git) = folder.ancestors().find_map(|root| {
        let git = git_folder(root)?;
        Some((root, git))
    })?;
    let index = git.join("index");
    if std::fs::metadata(&index).ok()?.len() > LARGEST {
        return None;
    }
    let bytes = std::fs::read(index).ok()?;
    let paths = parse(&bytes, 20).or_else(|| parse(&bytes, 32))?;
    let below = prefix(folder.strip_prefix(root).ok()?)?;
    let mut entries: Vec<Entry> = paths
        .into_iter()
        .filter_map(|path| {
            let path = path.strip_prefix(below.as_slice())?.to_vec();
            Some(Entry { path })
        })
        .collect();
    entries.dedup();
    Some(entries)
}

/// The folder behind `.git`, which is a file in work trees and submodules.
fn git_folder(root: &Path) -> Option<PathBuf> {
    let git = root.join(".git");
    let kind = std::fs::metadata(&git).ok()?;
    if kind.is_dir() {
        return Some(git);
    }
    if kind.len() > 4096 {
        return None;
    }
    let text = std::fs::read_to_string(&git).ok()?;
    Some(root.join(text.strip_prefix("gitdir:")?.trim()))
}

/// `a/b/` of the path a/b.
fn prefix(below: &Path) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    for component in below.components() {
        let Component::Normal(name) = component else {
            return None;
        };
        text.extend_from_slice(name.as_encoded_bytes());
        text.push(b'/');
    }
    Some(text)
}

/// Reads big-endian numbers and pieces; never past the end.
struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (piece, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(piece)
    }

    fn number<const BYTES: usize>(&mut self) -> Option<usize> {
        let piece = self.take(BYTES)?;
        let number = piece
            .iter()
            .fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        usize::try_from(number).ok()
    }

    /// Up to a zero byte, which is taken, too.
    fn text(&mut self) -> Option<&'a [u8]> {
        let length = self.rest.iter().position(|byte| *byte == 0)?;
        let text = self.take(length)?;
        self.take(1)?;
        Some(text)
    }

    /// The offset encoding of git's packs.
    fn variable(&mut self) -> Option<usize> {
        let mut byte = self.number::<1>()?;
        let mut number = byte & 0x7f;
        while byte & 0x80 != 0 {
            byte = self.number::<1>()?;
            number = number.checked_add(1)?.checked_mul(128)? | byte & 0x7f;
        }
        Some(number)
    }
}

/// Paths in an index whose object names have this many bytes.
fn parse(bytes: &[u8], object: usize) -> Option<Vec<Vec<u8>>> {
    let body = bytes.len().checked_sub(object)?;
    let mut reader = Reader {
        rest: bytes.get(..body)?,
    };
    if reader.take(4)? != b"DIRC" {
        return None;
    }
    let version = reader.number::<4>()?;
    let count = reader.number::<4>()?;
    if !(2..=4).contains(&version) {
        return None;
    }
    let mut paths: Vec<Vec<u8>> = vec![];
    for _ in 0..count {
        let path = entry(&mut reader, version, object, paths.last())?;
        let ordered = paths.last().is_none_or(|last| *last <= path);
        if !ordered || !is_relative(&path) {
            return None;
        }
        paths.push(path);
    }
    // A split index holds the rest elsewhere.
    while !reader.rest.is_empty() {
        let name = reader.take(4)?;
        let length = reader.number::<4>()?;
        reader.take(length)?;
        if name == b"link" || name == b"sdir" {
            return None;
        }
    }
    Some(paths)
}

fn entry(
    reader: &mut Reader<'_>,
    version: usize,
    object: usize,
    last: Option<&Vec<u8>>,
) -> Option<Vec<u8>> {
    let before = reader.rest.len();
    reader.take(24)?;
    let mode = reader.number::<4>()?;
    if !matches!(mode, 0o100644 | 0o100755 | 0o120000 | 0o160000) {
        return None;
    }
    reader.take(12 + object)?;
    let flags = reader.number::<2>()?;
    if version >= 3 && flags & 0x4000 != 0 {
        reader.take(2)?;
    }
    if version == 4 {
        let strip = reader.variable()?;
        let last = last.map(Vec::as_slice).unwrap_or_default();
        let kept = last.get(..last.len().checked_sub(strip)?)?;
        return Some([kept, reader.text()?].concat());
    }
    let path = reader.text()?.to_vec();
    // Entries are filled up to a multiple of 8 bytes.
    let used = before - reader.rest.len();
    reader.take(used.next_multiple_of(8) - used)?;
    Some(path)
}

fn is_relative(path: &[u8]) -> bool {
    let mut parts = path.split(|byte| *byte == b'/');
    parts.all(|part| !matches!(part, b"" | b"." | b".." | b".git"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// An index of version 2, written by hand.
    fn index(paths: &[&str], object: usize) -> Vec<u8> {
        let mut bytes = b"DIRC\0\0\0\x02".to_vec();
        bytes.extend((paths.len() as u32).to_be_bytes());
        for path in paths {
            let start = bytes.len();
            bytes.extend([0; 24]);
            bytes.extend(0o100644_u32.to_be_bytes());
            bytes.extend(vec![7; 12 + object]);
            bytes.extend((path.len() as u16).to_be_bytes());
            bytes.extend(path.as_bytes());
            let length = bytes.len() - start;
            bytes.extend(vec![0; 8 - length % 8]);
        }
        bytes.extend(vec![9; object]);
        bytes
    }

    #[test]
    fn both_sizes_of_object_names() {
        let names = ["a.py", "b/c.py", "b/d"];
        for object in [20, 32] {
            let bytes = index(&names, object);
            let read = parse(&bytes, 20).or_else(|| parse(&bytes, 32)).unwrap();
            assert_eq!(read, names.map(|name| name.as_bytes().to_vec()));
        }
    }

    #[test]
    fn paths_that_leave_the_tree_are_refused() {
        for path in ["../a", "/a", "a//b", "a/../b", ".git/config"] {
            assert_eq!(parse(&index(&[path], 20), 20), None, "{path}");
        }
    }

    #[test]
    fn a_split_index_is_not_understood() {
        let mut bytes = index(&["a"], 20);
        let end = bytes.len() - 20;
        bytes.splice(end..end, *b"link\0\0\0\x02xx");
        assert_eq!(parse(&bytes, 20), None);
        let known = index(&["a"], 20).len() - 20;
        bytes[known..known + 4].copy_from_slice(b"TREE");
        assert!(parse(&bytes, 20).is_some());
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(position in 0_usize..400, byte in any::<u8>(), cut in 0_usize..400) {
            let mut bytes = index(&["a.py", "b/c.py", "b/d"], 20);
            let length = bytes.len();
            bytes[position % length] = byte;
            bytes.truncate(length - cut % length);
            _ = parse(&bytes, 20);
            _ = parse(&bytes, 32);
            if length > 8 {
                bytes.resize(length, 0);
                bytes[7] = 4;
                _ = parse(&bytes, 20);
            }
        }
    }
}
