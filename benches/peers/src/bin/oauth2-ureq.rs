//! oauth2-rs over the version of ureq that it comes with.

use std::sync::Arc;

use oauth2::basic::BasicClient;
use oauth2::{ClientId, ResourceOwnerPassword, ResourceOwnerUsername, TokenResponse, TokenUrl};
use peers::{CLIENT_ID, PASSWORD, Place, USER, drive};

fn client(place: &Place) -> (ureq::Agent, TokenUrl) {
    let builder = ureq::AgentBuilder::new().redirects(0).tls_config(place.tls());
    // As its documentation says for many threads: the default keeps one per host.
    let builder = if place.cold { builder.max_idle_connections(0) } else { builder.max_idle_connections_per_host(64) };
    (builder.build(), TokenUrl::new(place.token_url()).expect("a URL"))
}

fn user((agent, url): (ureq::Agent, TokenUrl)) -> Box<dyn FnMut()> {
    let client = Arc::new(BasicClient::new(ClientId::new(CLIENT_ID.into())).set_token_uri(url));
    Box::new(move || {
        let (name, password) = (ResourceOwnerUsername::new(USER.into()), ResourceOwnerPassword::new(PASSWORD.into()));
        let tokens = client.exchange_password(&name, &password).request(&agent).expect("signed in");
        assert!(!tokens.access_token().secret().is_empty());
    })
}

fn main() {
    drive(client, user);
}
