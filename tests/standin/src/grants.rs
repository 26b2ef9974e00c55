//! The tokens a stand-in has issued, and what became of them.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use ring::digest::{SHA256, digest};
use serde_json::{Map, Value, json};

use crate::hub::Settings;
use crate::jwt::{self, Keys};
use crate::{clock, hex, random_hex};

/// Whom tokens are issued for.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    pub user: String,
    pub client: String,
    pub scope: String,
    pub issuer: String,
    /// The OpenID Connect side of the house: an `id_token` comes along.
    pub oidc: bool,
    /// When the password came: refreshed tokens name that time, too.
    pub auth_time: u64,
    /// What the request wants to find in its `id_token`.
    pub nonce: Option<String>,
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

/// What was done with tokens since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GrantCounts {
    /// Logins that got a refresh token.
    pub logins: u64,
    /// Refreshes that issued new tokens, answered or not.
    pub refreshed: u64,
    /// Refresh tokens that came again after they were replaced.
    pub reused: u64,
    /// How many of those got the same answer again, within the grace.
    pub graced: u64,
    /// Refreshes refused, whatever for.
    pub refused: u64,
    /// Logins whose refresh tokens are dead.
    pub dead_families: u64,
    /// Access tokens issued.
    pub access_issued: u64,
    /// Revocations answered with success.
    pub revoked: u64,
    /// Access tokens ended by the identity API.
    pub invalidated: u64,
}

/// One access token.
#[derive(Clone, Debug)]
pub(crate) struct Access {
    pub subject: Subject,
    pub expires_at: u64,
    /// The login it comes from; none for a client of its own.
    pub family: Option<u64>,
}

/// Why an access token opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Useless {
    Unknown,
    Expired,
}

struct Refresh {
    subject: Subject,
    family: u64,
    spent: Option<Spent>,
}

/// When a refresh token was replaced, and what its answer was.
struct Spent {
    at: Instant,
    members: Map<String, Value>,
}

pub(crate) struct Grants {
    pub keys: Keys,
    access: HashMap<String, Access>,
    refresh: HashMap<String, Refresh>,
    dead: HashSet<u64>,
    counts: GrantCounts,
    lifetime_s: u64,
    rotation: bool,
    reuse_detection: bool,
    grace: Duration,
    one_access: bool,
}

impl Grants {
    pub fn new(settings: &Settings) -> Grants {
        Grants {
            keys: Keys::new(settings.es256),
            access: HashMap::new(),
            refresh: HashMap::new(),
            dead: HashSet::new(),
            counts: GrantCounts::default(),
            lifetime_s: settings.access_lifetime_s,
            rotation: settings.rotation,
            reuse_detection: settings.reuse_detection,
            grace: settings.grace,
            one_access: settings.one_access,
        }
    }

    pub fn counts(&self) -> GrantCounts {
        GrantCounts { dead_families: self.dead.len() as u64, ..self.counts }
    }

    /// Signs a user in: the members of the answer.
    pub fn login(&mut self, subject: &Subject) -> Map<String, Value> {
        self.counts.logins += 1;
        let family = self.counts.logins;
        let mut members = self.issue(subject, Some(family), &["pwd"]);
        members.insert("refresh_token".into(), self.add_refresh(subject, family));
        members
    }

    /// Signs a client in as itself.
    pub fn client_login(&mut self, subject: &Subject) -> Map<String, Value> {
        self.issue(subject, None, &["client"])
    }

    /// Trades a refresh token in. None when it is not, or no longer, good.
    pub fn refresh(&mut self, token: &str, client: &str, nonce: Option<&str>) -> Option<Map<String, Value>> {
        let members = self.trade(token, client, nonce);
        if members.is_none() {
            self.counts.refused += 1;
        }
        members
    }

    fn trade(&mut self, token: &str, client: &str, nonce: Option<&str>) -> Option<Map<String, Value>> {
        let known = self.refresh.get(token).filter(|known| known.subject.client == client)?;
        let family = known.family;
        if let Some(spent) = &known.spent {
            self.counts.reused += 1;
            if !self.dead.contains(&family) && spent.at.elapsed() < self.grace {
                self.counts.graced += 1;
                return Some(spent.members.clone());
            }
            // Somebody has a copy: neither holder may go on.
            if self.reuse_detection {
                self.dead.insert(family);
            }
            return None;
        }
        if self.dead.contains(&family) {
            return None;
        }
        let subject = Subject { nonce: nonce.map(str::to_owned), ..known.subject.clone() };
        if self.one_access {
            self.access.retain(|_, access| access.family != Some(family));
        }
        self.counts.refreshed += 1;
        let mut members = self.issue(&subject, Some(family), &["pwd"]);
        if self.rotation {
            members.insert("refresh_token".into(), self.add_refresh(&subject, family));
            let spent = Spent { at: Instant::now(), members: members.clone() };
            self.refresh.get_mut(token)?.spent = Some(spent);
        }
        Some(members)
    }

    /// Revokes a refresh token with its family, or an access token.
    pub fn revoke(&mut self, token: &str) {
        self.counts.revoked += 1;
        if let Some(known) = self.refresh.get(token) {
            self.dead.insert(known.family);
        }
        self.access.remove(token);
    }

    /// Ends an access token, and with it its refresh token if asked to.
    pub fn invalidate(&mut self, token: &str, prevent_refresh: bool) {
        self.counts.invalidated += 1;
        let family = self.access.remove(token).and_then(|access| access.family);
        if prevent_refresh {
            self.dead.extend(family);
        }
    }

    /// Makes every access token an expired one.
    pub fn expire_access(&mut self) {
        for access in self.access.values_mut() {
            access.expires_at = 0;
        }
    }

    /// Ends every refresh token, and leaves the access tokens alone.
    pub fn kill_refresh(&mut self) {
        self.dead.extend(self.refresh.values().map(|known| known.family));
    }

    /// What is known of an access token that works.
    pub fn live_access(&self, token: &str) -> Result<&Access, Useless> {
        match self.access.get(token) {
            None => Err(Useless::Unknown),
            Some(access) if access.expires_at <= clock::now_at() => Err(Useless::Expired),
            Some(access) => Ok(access),
        }
    }

    /// A refresh token that works and belongs to the login of this access
    /// token.
    pub fn refresh_beside(&self, access: &Access) -> Option<&str> {
        let mut pairs = self.refresh.iter();
        let beside = |known: &Refresh| access.family == Some(known.family) && self.works(known);
        pairs.find(|(_, known)| beside(known)).map(|(token, _)| token.as_str())
    }

    /// The owner of a refresh token that still works.
    pub fn live_refresh(&self, token: &str) -> Option<&Subject> {
        let known = self.refresh.get(token)?;
        self.works(known).then_some(&known.subject)
    }

    fn works(&self, known: &Refresh) -> bool {
        known.spent.is_none() && !self.dead.contains(&known.family)
    }

    fn add_refresh(&mut self, subject: &Subject, family: u64) -> Value {
        // Known for what it is wherever a test's output shows it.
        let token = format!("canary-{}", random_hex(20));
        let known = Refresh { subject: subject.clone(), family, spent: None };
        self.refresh.insert(token.clone(), known);
        token.into()
    }

    fn issue(&mut self, subject: &Subject, family: Option<u64>, methods: &[&str]) -> Map<String, Value> {
        self.counts.access_issued += 1;
        let now = clock::now_at();
        let expires_at = now + self.lifetime_s;
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
            "exp": expires_at,
            "jti": random_hex(16),
        });
        let token = self.keys.sign("at+jwt", &claims);
        let mut members = Map::new();
        members.insert("access_token".into(), token.clone().into());
        members.insert("token_type".into(), "Bearer".into());
        members.insert("expires_in".into(), self.lifetime_s.into());
        if subject.oidc || subject.scopes().contains(&"openid") {
            claims["aud"] = subject.client.as_str().into();
            claims["auth_time"] = subject.auth_time.into();
            claims["preferred_username"] = subject.user.as_str().into();
            claims["email"] = subject.email().into();
            claims["jti"] = random_hex(16).into();
            claims["at_hash"] = jwt::half_hash(&token).into();
            if let Some(nonce) = &subject.nonce {
                claims["nonce"] = nonce.as_str().into();
            }
            members.insert("id_token".into(), self.keys.sign("JWT", &claims).into());
        }
        if !subject.scope.is_empty() {
            members.insert("scope".into(), subject.scope.as_str().into());
        }
        let access = Access { subject: subject.clone(), expires_at, family };
        self.access.insert(token, access);
        members
    }
}

#[cfg(test)]
mod tests {
    use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};

    use super::*;
    use crate::Standin;

    #[test]
    fn a_refreshed_id_token_names_the_time_of_the_login() {
        let mut grants = Grants::new(&Standin::builder().settings);
        let subject = Subject {
            user: "ada".into(),
            client: "client".into(),
            scope: String::new(),
            issuer: "issuer".into(),
            oidc: true,
            auth_time: 17,
            nonce: None,
        };
        let first = grants.login(&subject);
        let token = first["refresh_token"].as_str().expect("a text");
        let second = grants.refresh(token, "client", None).expect("it is good");
        for members in [first, second] {
            let claims = members["id_token"].as_str().and_then(|token| token.split('.').nth(1)).expect("a JWT");
            let claims = BASE64_URL_SAFE_NO_PAD.decode(claims).expect("base64url");
            let claims: Value = serde_json::from_slice(&claims).expect("claims");
            assert_eq!(claims["auth_time"], 17);
        }
    }
}
