//! The envelope around everything that is kept on disk: whose it is, its format, whether it is compressed, and
//! a checksum.
//!
//! ```text
//! magic, 8 bytes · format u32 · compression u8 · length of the content u64 · content, maybe compressed · BLAKE3 of all before, 16 bytes
//! ```
//! Numbers are little-endian. Nothing in it is believed before it is checked, and what is unpacked is bounded.

use std::io::{self, Read, Write};

use crate::settings::StateCompression;

const CHECKSUM_BYTES: usize = 16;
/// Fast: a state of a megabyte takes one or two milliseconds.
const LEVEL: u32 = 1;
/// The largest window, as a power of two, that a compressed content may ask memory for: 16 MiB.
const WINDOW_LOG_MAX: u32 = 24;

/// What kind of content an envelope has.
#[derive(Clone, Copy)]
pub(crate) struct Kind {
    /// How it begins.
    pub(crate) magic: [u8; 8],
    /// The format that is written, and the only one that is read.
    pub(crate) format: u32,
}

/// Why there is nothing to be had from an envelope; completes "it …".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadEnvelope {
    /// Used for bytes that are something else altogether.
    #[error("does not begin as one")]
    Foreign,
    /// Used for what ends before it is complete.
    #[error("is too short")]
    Short,
    /// Used for bytes that were lost or changed.
    #[error("is damaged: its checksum is wrong")]
    Checksum,
    /// Used for what another version of Lunation wrote.
    #[error("has the format {found}, and this version reads {read}")]
    Format {
        /// The format that it has.
        found: u32,
        /// The one that could be read.
        read: u32,
    },
    /// Used for more than the caller wants to have.
    #[error("has a content of {0} bytes, and at most {1} are read")]
    TooLarge(u64, u64),
    /// Used where the checksum is right, and the content is not what it says.
    #[error("is malformed: its content can't be unpacked")]
    Malformed,
}

/// Puts `content` into an envelope.
pub(crate) fn seal(kind: Kind, content: &[u8], compression: StateCompression) -> Vec<u8> {
    let mut out = kind.magic.to_vec();
    out.extend(kind.format.to_le_bytes());
    let packed = pack(content, compression);
    let (tag, body) = match &packed {
        Some(packed) if packed.len() < content.len() => (tag_of(compression), &packed[..]),
        _ => (0, content),
    };
    out.push(tag);
    out.extend((content.len() as u64).to_le_bytes());
    out.extend(body);
    let checksum = blake3::hash(&out);
    out.extend(&checksum.as_bytes()[..CHECKSUM_BYTES]);
    out
}

/// The content of an envelope, if it has at most `bytes_max`.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn open(kind: Kind, bytes: &[u8], bytes_max: u64) -> Result<Vec<u8>, BadEnvelope> {
    if !bytes.starts_with(&kind.magic) {
        return Err(BadEnvelope::Foreign);
    }
    let body = bytes.len().checked_sub(CHECKSUM_BYTES);
    let (body, checksum) = bytes.split_at(body.ok_or(BadEnvelope::Short)?);
    if blake3::hash(body).as_bytes()[..CHECKSUM_BYTES] != *checksum {
        return Err(BadEnvelope::Checksum);
    }
    let rest = body.get(kind.magic.len()..).ok_or(BadEnvelope::Short)?;
    let (format, rest) = rest.split_first_chunk().ok_or(BadEnvelope::Short)?;
    let format = u32::from_le_bytes(*format);
    if format != kind.format {
        let (found, read) = (format, kind.format);
        return Err(BadEnvelope::Format { found, read });
    }
    let (tag, rest) = rest.split_first().ok_or(BadEnvelope::Short)?;
    let (length, packed) = rest.split_first_chunk().ok_or(BadEnvelope::Short)?;
    let length = u64::from_le_bytes(*length);
    if length > bytes_max {
        return Err(BadEnvelope::TooLarge(length, bytes_max));
    }
    unpack(packed, *tag, length).map_err(|_| BadEnvelope::Malformed)
}

fn tag_of(compression: StateCompression) -> u8 {
    match compression {
        StateCompression::None => 0,
        StateCompression::Gzip => 1,
        StateCompression::Zstd => 2,
    }
}

/// `None` where nothing is to be compressed, or it can't be: then it is kept as it is.
fn pack(content: &[u8], compression: StateCompression) -> Option<Vec<u8>> {
    match compression {
        StateCompression::None => None,
        StateCompression::Gzip => {
            let level = flate2::Compression::new(LEVEL);
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
            encoder.write_all(content).ok()?;
            encoder.finish().ok()
        }
        StateCompression::Zstd => zstd::stream::encode_all(content, LEVEL as i32).ok(),
    }
}

fn unpack(packed: &[u8], tag: u8, length: u64) -> io::Result<Vec<u8>> {
    let content = match tag {
        0 => packed.to_vec(),
        1 => read_up_to(flate2::bufread::GzDecoder::new(packed), length)?,
        2 => {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(packed)?;
            decoder.window_log_max(WINDOW_LOG_MAX)?;
            read_up_to(decoder, length)?
        }
        _ => return Err(io::ErrorKind::InvalidData.into()),
    };
    if content.len() as u64 == length {
        Ok(content)
    } else {
        Err(io::ErrorKind::InvalidData.into())
    }
}

/// Grows with what comes, not with what was promised; one byte more than promised is enough to tell.
fn read_up_to(content: impl Read, length: u64) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    content
        .take(length.saturating_add(1))
        .read_to_end(&mut out)?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KIND: Kind = Kind {
        magic: *b"LUNATEST",
        format: 3,
    };

    fn any_compression() -> impl Strategy<Value = StateCompression> {
        prop_oneof![
            Just(StateCompression::None),
            Just(StateCompression::Gzip),
            Just(StateCompression::Zstd),
        ]
    }

    /// The same bytes with a checksum that is right.
    fn resealed(mut bytes: Vec<u8>) -> Vec<u8> {
        bytes.truncate(bytes.len() - CHECKSUM_BYTES);
        let checksum = blake3::hash(&bytes);
        bytes.extend(&checksum.as_bytes()[..CHECKSUM_BYTES]);
        bytes
    }

    proptest! {
        #[test]
        fn what_was_sealed_is_opened_again(
            content in prop::collection::vec(0u8..4, 0..2000), how in any_compression()
        ) {
            let sealed = seal(KIND, &content, how);
            prop_assert_eq!(open(KIND, &sealed, 2000), Ok(content));
        }

        #[test]
        fn a_damaged_envelope_is_refused_and_one_with_a_right_checksum_does_no_harm(
            content in prop::collection::vec(0u8..4, 0..300), how in any_compression(),
            at in any::<prop::sample::Index>(), flip in 1u8..
        ) {
            let mut sealed = seal(KIND, &content, how);
            let at = at.index(sealed.len());
            sealed[at] ^= flip;
            prop_assert!(open(KIND, &sealed, 300).is_err());
            prop_assert!(open(KIND, &sealed[..at], 300).is_err());
            let lying = open(KIND, &resealed(sealed), 300);
            prop_assert!(lying.is_err() || lying.is_ok_and(|content| content.len() <= 300));
        }
    }

    #[test]
    fn more_than_is_wanted_is_not_unpacked() {
        for how in [StateCompression::Gzip, StateCompression::Zstd] {
            let sealed = seal(KIND, &vec![0; 10_000_000], how);
            assert!(sealed.len() < 100_000);
            let refused = Err(BadEnvelope::TooLarge(10_000_000, 5000));
            assert_eq!(open(KIND, &sealed, 5000), refused);
            let mut lying = sealed.clone();
            lying[13..21].copy_from_slice(&5000u64.to_le_bytes());
            let malformed = Err(BadEnvelope::Malformed);
            assert_eq!(open(KIND, &resealed(lying), 5000), malformed);
        }
    }

    #[test]
    fn another_format_says_so() {
        let newer = Kind { format: 4, ..KIND };
        let sealed = seal(newer, b"x", StateCompression::None);
        let found = BadEnvelope::Format { found: 4, read: 3 };
        assert_eq!(open(KIND, &sealed, 9), Err(found));
    }
}
