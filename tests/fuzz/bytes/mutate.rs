//! Small changes of bytes, and checksums that are right again.

use crate::random::Random;

/// Where the parts of an image begin, and where its checksum stands.
const IMAGE_MAGIC: &[u8] = b"LUNATION";
const IMAGE_CHECKSUM: std::ops::Range<usize> = 16..24;
const IMAGE_HEADER: usize = 48;

const SAVE_MAGIC: &[u8] = b"LUNASAVE";
const SAVE_CHECKSUM: usize = 16;

/// Lengths and numbers that lie.
const LIES: [u32; 9] = [
    0,
    1,
    2,
    0x7F,
    0xFF,
    0xFFFF,
    0x7FFF_FFFF,
    0xFFFF_FFFE,
    0xFFFF_FFFF,
];

/// `start` with up to four changes. Seven times of eight the checksums are right.
pub(super) fn mutate(start: &[u8], corpus: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut bytes = start.to_vec();
    for _ in 0..=random.below(4) {
        change(&mut bytes, corpus, random);
    }
    if random.below(8) > 0 {
        reseal(&mut bytes);
    }
    bytes
}

fn change(bytes: &mut Vec<u8>, corpus: &[Vec<u8>], random: &mut Random) {
    let at = random.below(bytes.len());
    match random.below(8) {
        0 => bytes.truncate(at),
        1 => drop(bytes.drain(at..(at + 1 + random.below(8)).min(bytes.len()))),
        2 => bytes.insert(at, random.next() as u8),
        3 => {
            let lie = LIES[random.below(LIES.len())].to_le_bytes();
            let end = (at + lie.len()).min(bytes.len());
            bytes[at..end].copy_from_slice(&lie[..end - at]);
        }
        4 => {
            let other = &corpus[random.below(corpus.len())];
            let from = random.below(other.len());
            let end = (from + random.below(64)).min(other.len());
            bytes.splice(at..at, other[from..end].iter().copied());
        }
        5 => {
            // The counts of an image stand at its start: that is where lies hurt most.
            let at = random.below(IMAGE_HEADER.min(bytes.len()));
            if let Some(byte) = bytes.get_mut(at) {
                *byte = random.next() as u8;
            }
        }
        6 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = random.next() as u8 & 0x1F;
            }
        }
        _ => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << random.below(8);
            }
        }
    }
}

/// Makes the checksums right, so that what stands behind them is tried.
fn reseal(bytes: &mut [u8]) {
    if bytes.starts_with(IMAGE_MAGIC) {
        return reseal_image(bytes);
    }
    if !bytes.starts_with(SAVE_MAGIC) || bytes.len() < SAVE_CHECKSUM {
        return;
    }
    // The images in a save have their own: as far as their lengths are still right.
    let mut at = SAVE_MAGIC.len();
    while let Some(found) = find(&bytes[at..], IMAGE_MAGIC) {
        let start = at + found;
        at = start + 1;
        let length = bytes[..start]
            .last_chunk::<4>()
            .map(|n| u32::from_le_bytes(*n) as usize);
        let end = length.and_then(|length| start.checked_add(length));
        if let Some(image) = end.and_then(|end| bytes.get_mut(start..end)) {
            reseal_image(image);
        }
    }
    let (body, checksum) = bytes.split_at_mut(bytes.len() - SAVE_CHECKSUM);
    checksum.copy_from_slice(&blake3::hash(body).as_bytes()[..SAVE_CHECKSUM]);
}

fn reseal_image(image: &mut [u8]) {
    if image.len() < IMAGE_HEADER {
        return;
    }
    let mut hasher = blake3::Hasher::new();
    hasher.update(&image[..IMAGE_CHECKSUM.start]);
    hasher.update(&image[IMAGE_CHECKSUM.end..]);
    let sum = hasher.finalize();
    image[IMAGE_CHECKSUM].copy_from_slice(&sum.as_bytes()[..IMAGE_CHECKSUM.len()]);
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}
