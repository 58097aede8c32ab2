//! Which format a file is: by its contents first, by its name second.

use std::io::Read;
use std::path::Path;

use flate2::read::MultiGzDecoder;

use crate::bytes::{Blob, unreadable};
use crate::error::DataError;

/// A format, with what is needed to open it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Parquet,
    IpcFile,
    IpcStream,
    Csv { gzip: bool, delimiter: u8 },
    Json { gzip: bool },
}

/// Endings by which files in a folder are taken for data.
const DATA_ENDINGS: [&str; 16] = [
    "parquet", "parq", "pq", "csv", "tsv", "tab", "jsonl", "ndjson", "json", "arrow", "arrows",
    "ipc", "feather", "csv.gz", "tsv.gz", "jsonl.gz",
];

/// Whether a file in a folder is taken for data by its name.
pub(crate) fn looks_like_data(path: &Path) -> bool {
    let ending = ending(path);
    DATA_ENDINGS.contains(&ending.as_str()) || ["ndjson.gz", "json.gz"].contains(&ending.as_str())
}

/// The ending in small letters, with the one before `.gz`.
fn ending(path: &Path) -> String {
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().to_ascii_lowercase())
        .unwrap_or_default();
    let mut parts = name.rsplitn(3, '.');
    match (parts.next(), parts.next(), parts.next()) {
        (Some("gz"), Some(inner), Some(_)) => format!("{inner}.gz"),
        (Some(last), Some(_), _) => last.to_owned(),
        _ => String::new(),
    }
}

/// Looks at the first bytes (unpacked if they are gzip). `delimiter` is what
/// the user said; none means `,`, or a tab for `.tsv`.
pub(crate) fn sniff(blob: &Blob, delimiter: Option<u8>) -> Result<Format, DataError> {
    if blob.length == 0 {
        return Err(DataError::EmptyFile {
            path: blob.name.clone(),
        });
    }
    let handle = blob.open()?;
    let read = |input: &mut dyn Read| {
        let mut head = Vec::new();
        input.take(4096).read_to_end(&mut head).map(|_| head)
    };
    let head = read(&mut handle.cursor(0)).map_err(|error| unreadable(&blob.name, &error))?;
    let ending = ending(Path::new(&blob.name));
    if head.starts_with(&[0x1f, 0x8b]) {
        let inner = read(&mut MultiGzDecoder::new(handle.cursor(0))).map_err(|error| {
            DataError::Damaged {
                path: blob.name.clone(),
                format: "gzip",
                place: "the start".to_owned(),
                reason: error.to_string(),
            }
        })?;
        if inner.is_empty() {
            return Err(DataError::EmptyFile {
                path: blob.name.clone(),
            });
        }
        return text(blob, &inner, true, &ending, delimiter);
    }
    if let Some(format) = binary(&head) {
        return Ok(format);
    }
    promised(blob, &head, &ending)?;
    text(blob, &head, false, &ending, delimiter)
}

fn binary(head: &[u8]) -> Option<Format> {
    match head {
        [b'P', b'A', b'R', b'1', ..] => Some(Format::Parquet),
        [b'A', b'R', b'R', b'O', b'W', b'1', ..] => Some(Format::IpcFile),
        [0xff, 0xff, 0xff, 0xff, ..] => Some(Format::IpcStream),
        _ => None,
    }
}

/// A name that promises a binary format must not be read as text. Relatives of
/// these formats get an error of their own.
fn promised(blob: &Blob, head: &[u8], ending: &str) -> Result<(), DataError> {
    if head.starts_with(b"FEA1") || head.starts_with(b"PARE") {
        return Ok(());
    }
    let (format, expected) = match ending {
        "parquet" | "parq" | "pq" => ("Parquet", "PAR1"),
        "arrow" | "arrows" | "ipc" | "feather" => {
            ("Arrow IPC", "ARROW1 (file) or FF FF FF FF (stream)")
        }
        _ => return Ok(()),
    };
    Err(DataError::WrongMagic {
        path: blob.name.clone(),
        format,
        expected,
        found: shown(head),
    })
}

fn text(
    blob: &Blob,
    head: &[u8],
    gzip: bool,
    ending: &str,
    delimiter: Option<u8>,
) -> Result<Format, DataError> {
    let unknown = |found: String, advice: &str| DataError::UnknownFormat {
        path: blob.name.clone(),
        found,
        advice: advice.to_owned(),
    };
    let unpack = "unpack it first, or use gzip for CSV and JSON lines";
    match head {
        _ if gzip && binary(head).is_some() => {
            return Err(unknown(
                "a binary format inside gzip".to_owned(),
                "unpack it first; Parquet and Arrow have compression of their own",
            ));
        }
        [b'P', b'K', 3, 4, ..] => return Err(unknown("a zip archive".to_owned(), unpack)),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => return Err(unknown("zstd compression".to_owned(), unpack)),
        [b'B', b'Z', b'h', ..] => return Err(unknown("bzip2 compression".to_owned(), unpack)),
        [b'P', b'A', b'R', b'E', ..] => {
            return Err(unknown("encrypted Parquet".to_owned(), "decrypt it first"));
        }
        [b'F', b'E', b'A', b'1', ..] => {
            return Err(unknown(
                "Feather version 1".to_owned(),
                "write it again as Feather version 2 or Parquet",
            ));
        }
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
            return Err(unknown(
                "UTF-16 text".to_owned(),
                "convert it first, as with iconv -f utf-16 -t utf-8",
            ));
        }
        _ => {}
    }
    if head.contains(&0) {
        return Err(unknown(
            format!("binary data that begins with {}", shown(head)),
            "expected Parquet, CSV, TSV, JSON lines or Arrow IPC",
        ));
    }
    let bare = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    match bare.iter().find(|byte| !byte.is_ascii_whitespace()) {
        None => Err(unknown(
            "nothing but white space".to_owned(),
            "expected a header or at least one record",
        )),
        Some(b'{') => Ok(Format::Json { gzip }),
        Some(b'[') => Err(unknown(
            "a JSON array".to_owned(),
            "expected JSON lines, one object on each line: convert it with jq -c '.[]'",
        )),
        Some(_) => {
            let tabs = matches!(ending, "tsv" | "tab" | "tsv.gz");
            Ok(Format::Csv {
                gzip,
                delimiter: delimiter.unwrap_or(if tabs { b'\t' } else { b',' }),
            })
        }
    }
}

/// The first bytes for a message: as text where they are text.
fn shown(head: &[u8]) -> String {
    let first = head.get(..8.min(head.len())).unwrap_or_default();
    match std::str::from_utf8(first) {
        Ok(words) if !words.chars().any(char::is_control) => format!("{words:?}"),
        _ => first
            .iter()
            .map(|byte| format!("{byte:02X}"))
            .collect::<Vec<_>>()
            .join(" "),
    }
}
