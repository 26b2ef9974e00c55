//! oauth2-rs over the blocking client of reqwest.

use std::sync::Arc;

use oauth2::basic::BasicClient;
use oauth2::{ClientId, ResourceOwnerPassword, ResourceOwnerUsername, TokenResponse, TokenUrl};
use peers::{CLIENT_ID, PASSWORD, Place, USER, drive};
use reqwest::blocking::Client;

fn client(place: &Place) -> (Client, TokenUrl) {
    let tls = Arc::unwrap_or_clone(place.tls());
    let builder = Client::builder().redirect(reqwest::redirect::Policy::none()).use_preconfigured_tls(tls);
    let builder = if place.cold { builder.pool_max_idle_per_host(0) } else { builder };
    (builder.build().expect("a client"), TokenUrl::new(place.token_url()).expect("a URL"))
}

fn user((http, url): (Client, TokenUrl)) -> Box<dyn FnMut()> {
    let client = BasicClient::new(ClientId::new(CLIENT_ID.into())).set_token_uri(url);
    Box::new(move || {
        let (name, password) = (ResourceOwnerUsername::new(USER.into()), ResourceOwnerPassword::new(PASSWORD.into()));
        let tokens = client.exchange_password(&name, &password).request(&http).expect("signed in");
        assert!(!tokens.access_token().secret().is_empty());
    })
}

fn main() {
    drive(client, user);
}
