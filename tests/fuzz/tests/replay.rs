//! Does to every kept input what the fuzzer did to it: `corpus` are the inputs
//! that reach something of their own, `crashes` those that once broke a
//! promise. Names of targets as arguments: only those.

use std::path::{Path, PathBuf};
use std::time::Instant;

use ropc_fuzz::TARGETS;

fn main() {
    let only: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut inputs = 0;
    for (name, target) in TARGETS.into_iter().filter(|(name, _)| only.is_empty() || only.iter().any(|one| one == name))
    {
        let started = Instant::now();
        let kept = files(&root.join("corpus").join(name));
        assert!(!kept.is_empty(), "tests/fuzz/corpus/{name} holds no input: the target is not tested. Run make fuzz");
        let crashes = files(&root.join("crashes").join(name));
        for path in kept.iter().chain(&crashes) {
            // On the last line when the target ends the process.
            let input = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let outcome = std::panic::catch_unwind(|| target(&input));
            if outcome.is_err() {
                println!("FAIL fuzz/{name}: {} (the panic is above)", path.display());
                std::process::exit(1);
            }
        }
        inputs += kept.len() + crashes.len();
        let (kept, crashes, ms) = (kept.len(), crashes.len(), started.elapsed().as_millis());
        println!("ok   fuzz/{name}: {kept} inputs of the corpus, {crashes} that once failed ({ms} ms)");
    }
    for folder in ["corpus", "crashes"] {
        let strays = files(&root.join(folder)).into_iter().filter_map(|path| Some(path.file_name()?.to_owned()));
        let unknown: Vec<_> = strays.filter(|name| !TARGETS.iter().any(|(known, _)| *name == **known)).collect();
        assert!(unknown.is_empty(), "tests/fuzz/{folder} has {unknown:?}, which are no targets");
    }
    println!("{inputs} inputs, each as it should be");
    assert!(inputs > 0, "no target of these names: {only:?}");
}

/// What is in a folder, by name; nothing when there is none.
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("a readable folder").path()).collect();
    paths.sort();
    paths
}
