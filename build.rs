//! Names the shared library, tells dependants where the header is, and with
//! feature `header` writes `include/ropc.h` from `src/capi`.

use std::env;
use std::path::PathBuf;

/// `libropc.so.0`: raised only when an existing program would stop working.
const SONAME_MAJOR: u32 = 0;

fn main() {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::metadata=include={}", root.join("include").display());

    let os = env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();
    match os.as_str() {
        // Android refuses versioned names; elsewhere a name without a version
        // could never be replaced by an incompatible one.
        "android" => link_arg("-Wl,-soname,libropc.so"),
        "macos" | "ios" => link_arg("-Wl,-install_name,@rpath/libropc.dylib"),
        "windows" => {}
        _ => link_arg(&format!("-Wl,-soname,libropc.so.{SONAME_MAJOR}")),
    }
    // A name lookup that outlives its call must never return into unmapped
    // code. macOS keeps images with thread-locals mapped by itself; on Windows
    // the library pins its own module when it starts its first thread.
    if matches!(os.as_str(), "linux" | "android" | "freebsd" | "netbsd" | "openbsd") {
        link_arg("-Wl,-z,nodelete");
    }

    #[cfg(feature = "header")]
    header::write(&root);
}

fn link_arg(arg: &str) {
    println!("cargo::rustc-cdylib-link-arg={arg}");
}

#[cfg(feature = "header")]
mod header {
    use std::path::Path;

    /// Headings between the functions, which cbindgen cannot print: each goes
    /// before the documentation of the function named.
    const SECTIONS: [(&str, &str); 13] = [
        ("ropc_version", "Library"),
        ("ropc_options_loginradius", "Options: what to sign in to, and how"),
        ("ropc_discover", "Discovery: asking a server where its endpoints are"),
        ("ropc_client_new", "Client: one application at one server"),
        ("ropc_login", "Login"),
        ("ropc_refresh", "After the login: refresh and revoke, call by call"),
        ("ropc_userinfo", "After the login: who it is"),
        ("ropc_request_login", "Requests: the same beside the program"),
        ("ropc_store_file", "Stores: where sessions keep tokens"),
        ("ropc_session_new", "Sessions: a user who stays signed in"),
        ("ropc_session_call", "Sessions: calling an API"),
        ("ropc_tokens_free", "Results: tokens"),
        ("ropc_error_free", "Results: errors"),
    ];

    pub fn write(root: &Path) {
        println!("cargo::rerun-if-changed=src");
        println!("cargo::rerun-if-changed=cbindgen.toml");
        let config = match cbindgen::Config::from_file(root.join("cbindgen.toml")) {
            Ok(config) => config,
            Err(problem) => panic!("cbindgen.toml: {problem}"),
        };
        let generated = cbindgen::Builder::new().with_crate(root).with_config(config).generate();
        let mut text = Vec::new();
        match generated {
            Ok(bindings) => bindings.write(&mut text),
            Err(problem) => panic!("cbindgen: {problem}"),
        }
        let text = String::from_utf8_lossy(&text).into_owned();
        let path = root.join("include/ropc.h");
        if let Err(problem) = std::fs::write(&path, with_sections(&text)) {
            panic!("{}: {problem}", path.display());
        }
    }

    fn with_sections(text: &str) -> String {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        for (function, title) in SECTIONS {
            let declares = |line: &String| !line.starts_with(" *") && line.contains(&format!("{function}("));
            let Some(declared_at) = lines.iter().position(declares) else {
                panic!("section {title:?}: no function {function} in the header");
            };
            let Some(doc_at) = lines[..declared_at].iter().rposition(|line| line == "/**") else {
                panic!("section {title:?}: {function} has no documentation");
            };
            let rule = "-".repeat(72);
            lines.insert(doc_at, format!("/* {rule}\n * {title}\n * {rule} */\n"));
        }
        lines.join("\n") + "\n"
    }
}
