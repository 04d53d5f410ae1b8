//! Bytes that pretend to be a state or a save: the decoders refuse them, or what they give can be used.
//!
//! The start is a corpus of real images and saves. Each round takes one of them, changes it a little, makes
//! its checksum right again most of the time, and hands it to the decoders. Nothing panics, nothing takes
//! more memory than a small multiple of its length, and what was decoded survives everything that can be done
//! with a state: replay, comparison, reading, export, and the way to bytes and back.
//!
//! A failure prints the seed of its round: with that seed it is the first round again.

mod corpus;
mod mutate;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use lunation::SaveFile;
use lunation::state::{Image, diff, diff_below, replay};

use crate::random::Random;

/// The most memory that decoding may take: so many bytes for each byte of the input, and some.
const MEMORY_FACTOR: u64 = 64;
const MEMORY_BASE: u64 = 64 * 1024;

/// So many inputs are enough to expect that some get past the checks.
const ROUNDS_TELLING: u64 = 200;

/// The most differences that are looked for.
const DIFFERENCES_MAX: usize = 100;

/// Tries inputs for this time, from this seed. Whether nothing failed.
pub(crate) fn run(time: Duration, first_seed: u64) -> bool {
    let corpus = corpus::corpus();
    let reference = corpus::reference();
    #[cfg(feature = "cli")]
    corpus
        .iter()
        .for_each(|bytes| real_states_lose_nothing(bytes));
    let started = Instant::now();
    let (mut rounds, mut decoded) = (0u64, 0u64);
    while rounds == 0 || started.elapsed() < time {
        let seed = first_seed.wrapping_add(rounds);
        let mut random = Random::new(seed);
        let start = &corpus[random.below(corpus.len())];
        let bytes = mutate::mutate(start, &corpus, &mut random);
        match catch_unwind(AssertUnwindSafe(|| try_bytes(&bytes, &reference))) {
            Ok(count) => decoded += count,
            Err(_) => {
                eprintln!("fuzz::bytes failed: run it again with FUZZ_SEED={seed}");
                return false;
            }
        }
        rounds += 1;
    }
    println!(
        "fuzz::bytes: {rounds} inputs from seed {first_seed}, {decoded} states decoded, no failure"
    );
    // A run in which nothing gets past the checks has tried nothing.
    rounds < ROUNDS_TELLING || decoded * 20 > rounds
}

/// Hands bytes to both decoders and uses what they give. How many states that are.
fn try_bytes(bytes: &[u8], reference: &Image) -> u64 {
    let mut images = Vec::new();
    let mut save = None;
    let memory = allocation_counter::measure(|| {
        images.extend(Image::from_bytes(bytes).ok());
        save = SaveFile::read(bytes).ok();
    });
    let memory_max = MEMORY_FACTOR * bytes.len() as u64 + MEMORY_BASE;
    assert!(
        memory.bytes_max <= memory_max,
        "{} bytes of memory for {} bytes",
        memory.bytes_max,
        bytes.len()
    );
    if let Some(save) = save {
        let again = SaveFile::read(&save.to_bytes()).expect("a save that was read is written");
        assert_eq!(again.mods.len(), save.mods.len());
        for saved in save.mods {
            images.extend([saved.base, saved.live]);
        }
    }
    for image in &images {
        use_image(image, reference);
    }
    images.len() as u64
}

/// Does with an image whatever can be done with one.
fn use_image(image: &Image, reference: &Image) {
    let bytes = image.to_bytes();
    assert_eq!(bytes.len(), image.bytes_len());
    let again = Image::from_bytes(&bytes).expect("what was decoded is encoded and decoded again");
    assert_eq!(again.to_bytes(), bytes);
    for other in [reference, image] {
        for (base, live, new) in [
            (other, image, other),
            (image, other, image),
            (image, image, other),
        ] {
            let replay = replay(base, live, new, Some(other), &());
            assert!(replay.report.kept <= live.entries());
        }
        diff(image, other, DIFFERENCES_MAX);
        diff_below(other, image, "state", "enemies[1]", DIFFERENCES_MAX);
        image.is_same(other);
    }
    for slot in image.slots() {
        // Too deep, or too large, is an answer too.
        let _ = image.value(slot, "");
        let _ = image.value(slot, "enemies[1].name");
    }
    #[cfg(feature = "cli")]
    export(image);
}

/// The states of real mods go out as JSON and come back as they were.
#[cfg(feature = "cli")]
fn real_states_lose_nothing(bytes: &[u8]) {
    use lunation::protocol::{state_from_json, state_to_json};

    let save = SaveFile::read(bytes).unwrap_or_default();
    let saved = save
        .mods
        .into_iter()
        .flat_map(|saved| [saved.base, saved.live]);
    for image in saved.chain(Image::from_bytes(bytes)) {
        let json = state_to_json(&image);
        let again = state_from_json(&json, image.state_version()).expect("what is written is read");
        assert!(again.is_same(&image), "{json}");
    }
}

/// What was exported is imported, unless it has what only forged states have: a key twice, a variable without
/// a name.
#[cfg(feature = "cli")]
fn export(image: &Image) {
    use lunation::protocol::{state_from_json, state_to_json};

    let json = state_to_json(image);
    match state_from_json(&json, image.state_version()) {
        Ok(again) => assert_eq!(again.state_version(), image.state_version()),
        Err(why) => {
            let why = why.to_string();
            let is_forged = why.contains("twice") || why.contains("have no names");
            assert!(is_forged, "{why}: {json}");
        }
    }
}
