//! The tokens a stand-in has issued, and what became of them.

use std::collections::{HashMap, HashSet};

use ring::digest::{SHA256, digest};
use serde_json::{Map, Value, json};

use crate::hub::Settings;
use crate::{clock, hex, jwt, random_hex};

/// Whom tokens are issued for.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    pub user: String,
    pub client: String,
    pub scope: String,
    pub issuer: String,
    /// The OpenID Connect side of the house: an `id_token` comes along.
    pub oidc: bool,
}

impl Subject {
    /// The user id, the same at every login.
    pub fn id(&self) -> String {
        hex(&digest(&SHA256, self.user.as_bytes()).as_ref()[..16])
    }

    /// An address for profiles.
    pub fn email(&self) -> String {
        format!("{}@standin.test", self.user)
    }

    fn scopes(&self) -> Vec<&str> {
        self.scope.split(' ').filter(|s| !s.is_empty()).collect()
    }
}

/// One access token.
#[derive(Clone, Debug)]
pub(crate) struct Access {
    pub subject: Subject,
    pub expires: u64,
    /// The login it comes from; none for a client of its own.
    pub family: Option<u64>,
}

struct Refresh {
    subject: Subject,
    family: u64,
    used: bool,
}

#[derive(Default)]
pub(crate) struct Grants {
    access: HashMap<String, Access>,
    refresh: HashMap<String, Refresh>,
    dead: HashSet<u64>,
    families: u64,
    lifetime: u64,
    rotation: bool,
    reuse_detection: bool,
}

impl Grants {
    pub fn new(settings: &Settings) -> Grants {
        Grants {
            lifetime: settings.access_lifetime,
            rotation: settings.rotation,
            reuse_detection: settings.reuse_detection,
            ..Grants::default()
        }
    }

    /// Signs a user in: the members of the answer.
    pub fn login(&mut self, subject: &Subject) -> Map<String, Value> {
        self.families += 1;
        let family = self.families;
        let mut members = self.issue(subject, Some(family), &["pwd"]);
        members.insert("refresh_token".into(), self.add_refresh(subject, family));
        members
    }

    /// Signs a client in as itself.
    pub fn client_login(&mut self, subject: &Subject) -> Map<String, Value> {
        self.issue(subject, None, &["client"])
    }

    /// Trades a refresh token in. None when it is not, or no longer, good.
    pub fn refresh(&mut self, token: &str, client: &str) -> Option<Map<String, Value>> {
        let known = self.refresh.get_mut(token)?;
        let family = known.family;
        if known.subject.client != client || self.dead.contains(&family) {
            return None;
        }
        if known.used {
            // Somebody has a copy: neither holder may go on.
            if self.reuse_detection {
                self.dead.insert(family);
            }
            return None;
        }
        known.used = self.rotation;
        let subject = known.subject.clone();
        let mut members = self.issue(&subject, Some(family), &["pwd"]);
        if self.rotation {
            members.insert("refresh_token".into(), self.add_refresh(&subject, family));
        }
        Some(members)
    }

    /// Revokes a refresh token with its family, or an access token.
    pub fn revoke(&mut self, token: &str) {
        if let Some(known) = self.refresh.get(token) {
            self.dead.insert(known.family);
        }
        self.access.remove(token);
    }

    /// Ends an access token, and with it its refresh token if asked to.
    pub fn invalidate(&mut self, token: &str, prevent_refresh: bool) {
        let family = self.access.remove(token).and_then(|access| access.family);
        if prevent_refresh {
            self.dead.extend(family);
        }
    }

    /// What is known of an access token, expired or not.
    pub fn access(&self, token: &str) -> Option<&Access> {
        self.access.get(token)
    }

    /// The owner of a refresh token that still works.
    pub fn live_refresh(&self, token: &str) -> Option<&Subject> {
        let known = self.refresh.get(token)?;
        let live = !known.used && !self.dead.contains(&known.family);
        live.then_some(&known.subject)
    }

    fn add_refresh(&mut self, subject: &Subject, family: u64) -> Value {
        let token = random_hex(20);
        let known = Refresh { subject: subject.clone(), family, used: false };
        self.refresh.insert(token.clone(), known);
        token.into()
    }

    fn issue(&mut self, subject: &Subject, family: Option<u64>, methods: &[&str]) -> Map<String, Value> {
        let now = clock::now();
        let expires = now + self.lifetime;
        let mut claims = json!({
            "iss": subject.issuer,
            "sub": subject.id(),
            "aud": [subject.client],
            "scp": subject.scopes(),
            "azp": subject.client,
            "cid": subject.client,
            "amr": methods,
            "sid": random_hex(16),
            "iat": now,
            "nbf": now,
            "exp": expires,
            "jti": random_hex(16),
        });
        let token = jwt::sign("at+jwt", &claims);
        let mut members = Map::new();
        members.insert("access_token".into(), token.clone().into());
        members.insert("token_type".into(), "Bearer".into());
        members.insert("expires_in".into(), self.lifetime.into());
        if subject.oidc || subject.scopes().contains(&"openid") {
            claims["aud"] = subject.client.as_str().into();
            claims["auth_time"] = now.into();
            claims["preferred_username"] = subject.user.as_str().into();
            claims["email"] = subject.email().into();
            claims["jti"] = random_hex(16).into();
            members.insert("id_token".into(), jwt::sign("JWT", &claims).into());
        }
        if !subject.scope.is_empty() {
            members.insert("scope".into(), subject.scope.as_str().into());
        }
        let access = Access { subject: subject.clone(), expires, family };
        self.access.insert(token, access);
        members
    }
}
