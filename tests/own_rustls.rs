//! A Rust program that has rustls for itself shares it with this library, and with
//! it the one provider that a process may install. The library installs none and
//! takes none: it names its own.

mod common;

use common::{client, expect_tokens, loginradius};
use rustls::ClientConfig;
use rustls::crypto::{CryptoProvider, ring};
use standin::{PASSWORD, Standin};

#[test]
fn the_provider_of_the_process_is_the_program_s() {
    let server = Standin::start();
    expect_tokens(client(&loginradius(&server)).login("ada", PASSWORD));
    assert!(CryptoProvider::get_default().is_none(), "it was not ours to install");

    // One that nobody can sign in with.
    let useless = CryptoProvider { cipher_suites: Vec::new(), ..ring::default_provider() };
    useless.install_default().expect("the first");
    assert!(
        ClientConfig::builder_with_provider(CryptoProvider::get_default().expect("installed").clone())
            .with_safe_default_protocol_versions()
            .is_err()
    );
    expect_tokens(client(&loginradius(&server)).login("ada", PASSWORD));
}
