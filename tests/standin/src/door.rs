//! One entry of the token service: whom it serves, how requests are read
//! there, and how a client proves who it is.

use base64::prelude::{BASE64_STANDARD, Engine};
use serde_json::Value;

use crate::errors;
use crate::http::{Answer, Seen, parse_form, unescape_form};

/// The public client.
pub const CLIENT: &str = "demo-client";
/// The client that has a secret.
pub const SECRET_CLIENT: &str = "secret-client";
/// Its secret, with every character that escaping can get wrong.
pub const SECRET: &str = "s:e c%r+t/&";

/// How the door reads and refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// LoginRadius: JSON or form, two error shapes.
    LoginRadius,
    /// RFC 6749: form only, OAuth errors only.
    Generic,
    /// The same, for clients that send Basic credentials unescaped.
    GenericRaw,
}

/// One entry of the token service.
#[derive(Clone, Debug)]
pub(crate) struct Door {
    pub kind: Kind,
    pub oidc: bool,
    pub issuer: String,
}

/// The members of a request, however it was encoded.
pub(crate) struct Params(Vec<(String, String)>);

impl Params {
    pub fn get(&self, name: &str) -> Option<&str> {
        let mut pairs = self.0.iter();
        pairs.find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    fn parse(seen: &Seen, json_too: bool) -> Result<Params, &'static str> {
        let kind = seen.header("content-type").unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        let pairs = match kind.to_ascii_lowercase().as_str() {
            "application/x-www-form-urlencoded" => parse_form(&seen.body).ok_or("The form is malformed")?,
            "application/json" if json_too => match serde_json::from_slice(&seen.body) {
                Ok(Value::Object(members)) => members.into_iter().map(as_text).collect(),
                _ => return Err("The body is no JSON object"),
            },
            _ => return Err("This content type is not served here"),
        };
        for (at, (name, _)) in pairs.iter().enumerate() {
            if pairs[..at].iter().any(|(other, _)| other == name) {
                return Err("A parameter is repeated");
            }
        }
        Ok(Params(pairs))
    }
}

fn as_text((name, value): (String, Value)) -> (String, String) {
    match value {
        Value::String(text) => (name, text),
        other => (name, other.to_string()),
    }
}

impl Door {
    pub fn is_generic(&self) -> bool {
        self.kind != Kind::LoginRadius
    }

    /// Reads the request and checks its client: its members and client id.
    pub fn admit(&self, seen: &Seen) -> Result<(Params, String), Box<Answer>> {
        let params = Params::parse(seen, self.kind == Kind::LoginRadius)
            .map_err(|text| Box::new(errors::oauth(400, "invalid_request", text)))?;
        let client = self.client(seen, &params)?;
        Ok((params, client))
    }

    fn client(&self, seen: &Seen, params: &Params) -> Result<String, Box<Answer>> {
        let refuse = |status, error, text| Err(Box::new(errors::oauth(status, error, text)));
        let (mut id, mut secret) =
            (params.get("client_id").map(str::to_owned), params.get("client_secret").map(str::to_owned));
        let basic = seen.header("authorization").and_then(|value| value.strip_prefix("Basic "));
        if let Some(basic) = basic {
            let Some((user, password)) = self.read_basic(basic) else {
                return refuse(401, "invalid_client", "The Basic credentials are malformed");
            };
            // RFC 6749, 2.3: one method only in each request.
            if secret.is_some() || id.as_ref().is_some_and(|id| *id != user) {
                let text = "The client authenticates in two ways";
                return refuse(400, "invalid_request", text);
            }
            (id, secret) = (Some(user), Some(password));
        } else if self.kind == Kind::GenericRaw {
            return refuse(401, "invalid_client", "Basic credentials are needed here");
        }
        let Some(id) = id else {
            return refuse(400, "invalid_request", "client_id is missing");
        };
        match (id.as_str(), secret.as_deref()) {
            (CLIENT, None | Some("")) => Ok(id),
            (SECRET_CLIENT, Some(SECRET)) => Ok(id),
            (SECRET_CLIENT, _) if self.kind == Kind::LoginRadius => {
                refuse(403, "unauthorized_client", "The client secret is wrong")
            }
            _ => refuse(401, "invalid_client", "The client is not known"),
        }
    }

    fn read_basic(&self, basic: &str) -> Option<(String, String)> {
        let plain = BASE64_STANDARD.decode(basic).ok()?;
        let plain = String::from_utf8(plain).ok()?;
        let (user, password) = plain.split_once(':')?;
        if self.kind == Kind::GenericRaw {
            return Some((user.to_owned(), password.to_owned()));
        }
        Some((unescape_form(user)?, unescape_form(password)?))
    }
}
