//! The token endpoint: what each grant gets.

use serde_json::{Map, Value};

use crate::accounts::{ANYBODY, Account, Extra, Shape, WRONG_PASSWORD, account};
use crate::door::{Door, Params, SECRET_CLIENT};
use crate::grants::Subject;
use crate::http::{Answer, Seen};
use crate::hub::Hub;
use crate::identity::VALIDATIONS;
use crate::{clock, errors, faults, variants};

/// What a request gets: an answer, or an answer with a fault.
pub(crate) enum Reply {
    Plain(Answer),
    /// Misbehave as named; the answer is what would have been right.
    Fault(String, Answer),
}

type Outcome = Result<Reply, Box<Answer>>;

/// Answers one request to the token endpoint.
pub(crate) fn answer(hub: &Hub, door: &Door, seen: &Seen) -> Reply {
    let outcome = door.admit(seen).and_then(|(params, client)| {
        let desk = Desk { hub, door, params, client };
        desk.serve()
    });
    outcome.unwrap_or_else(|refusal| Reply::Plain(*refusal))
}

/// One admitted request.
struct Desk<'a> {
    hub: &'a Hub,
    door: &'a Door,
    params: Params,
    client: String,
}

impl Desk<'_> {
    fn serve(&self) -> Outcome {
        match self.need("grant_type")? {
            "password" => self.password(),
            "refresh_token" => self.refresh(),
            "client_credentials" => self.client_credentials(),
            "exchange_token" if !self.door.is_generic() => self.exchange(),
            _ => Err(refuse("unsupported_grant_type", "No such grant here")),
        }
    }

    fn need(&self, name: &str) -> Result<&str, Box<Answer>> {
        let value = self.params.get(name).filter(|value| !value.is_empty());
        value.ok_or_else(|| refuse("invalid_request", &format!("{name} is missing")))
    }

    fn subject(&self, user: &str) -> Subject {
        let default = if self.door.oidc { "openid" } else { "" };
        Subject {
            user: user.to_owned(),
            client: self.client.clone(),
            scope: self.params.get("scope").unwrap_or(default).to_owned(),
            issuer: self.door.issuer.clone(),
            oidc: self.door.oidc,
            auth_time: clock::now_at(),
            nonce: self.params.get("nonce").map(str::to_owned),
        }
    }

    fn password(&self) -> Outcome {
        let (user, password) = (self.need("username")?, self.need("password")?);
        if self.params.get("response_type").is_some_and(|kind| kind != "token") {
            return Err(refuse("invalid_request", "response_type must be token"));
        }
        let found = account(user).unwrap_or(&ANYBODY);
        let any_password = matches!(found.extra, Extra::Nobody | Extra::EchoPassword);
        let known = found.user == user || Special::parse(user).is_some();
        if !known || password != found.password && !any_password {
            return Ok(self.refusal(&WRONG_PASSWORD, password));
        }
        self.treat(user, password, || {
            let mut grants = self.hub.grants.lock().expect("held for an instant");
            grants.login(&self.subject(user))
        })
    }

    fn refresh(&self) -> Outcome {
        let token = self.need("refresh_token")?;
        let refreshed = {
            let mut grants = self.hub.grants.lock().expect("held for an instant");
            grants.refresh(token, &self.client, self.params.get("nonce"))
        };
        let text = "The refresh token is not valid";
        match refreshed {
            // Who is to be refused or let down has the token rotated all the
            // same: that is the case in which a client can lose it.
            Some(members) => {
                let user = self.hub.take_refresh_as().unwrap_or_default();
                self.treat(&user, "", || members)
            }
            None if self.door.is_generic() => Err(refuse("invalid_grant", text)),
            None => Err(Box::new(errors::vendor(403, 1217, text))),
        }
    }

    /// Answers the way this user is answered; `members` are the tokens if it
    /// comes to that.
    fn treat(&self, user: &str, password: &str, members: impl FnOnce() -> Map<String, Value>) -> Outcome {
        match Special::parse(user) {
            Some(Special::Variant(name)) => match variants::answer(name, members) {
                Some(answer) => Ok(Reply::Plain(answer)),
                None => Err(refuse("invalid_request", "There is no such variant")),
            },
            Some(Special::Fault(name)) if faults::exists(name) => {
                Ok(Reply::Fault(name.to_owned(), self.tokens_answer(members())))
            }
            Some(Special::Fault(_)) => Err(refuse("invalid_request", "There is no such fault")),
            Some(Special::Validation) => Ok(self.tokens(members())),
            Some(Special::Refusal(account)) => Ok(self.refusal(&account, password)),
            None => {
                let account = account(user).unwrap_or(&ANYBODY);
                let signs_in = match account.extra {
                    Extra::Unless(name, value) => self.params.get(name) == Some(value),
                    Extra::SecondFactor => false,
                    _ => account.shape == Shape::Tokens,
                };
                if signs_in { Ok(self.tokens(members())) } else { Ok(self.refusal(account, password)) }
            }
        }
    }

    fn refusal(&self, account: &Account, password: &str) -> Reply {
        let generic = self.door.is_generic();
        Reply::Plain(errors::of_account(account, generic, password))
    }

    fn client_credentials(&self) -> Outcome {
        if self.client != SECRET_CLIENT {
            let status = if self.door.is_generic() { 400 } else { 403 };
            let text = "A public client cannot sign in as itself";
            return Err(Box::new(errors::oauth(status, "unauthorized_client", text)));
        }
        let mut subject = self.subject(&self.client);
        subject.oidc = false;
        let mut grants = self.hub.grants.lock().expect("held for an instant");
        Ok(self.tokens(grants.client_login(&subject)))
    }

    /// The vendor's grant that makes OAuth tokens out of a live login.
    fn exchange(&self) -> Outcome {
        let token = self.need("token")?;
        let mut grants = self.hub.grants.lock().expect("held for an instant");
        let known = grants.live_access(token).map_err(|useless| Box::new(errors::vendor_token(useless)))?;
        let subject = self.subject(&known.subject.user);
        Ok(self.tokens(grants.login(&subject)))
    }

    fn tokens(&self, members: Map<String, Value>) -> Reply {
        Reply::Plain(self.tokens_answer(members))
    }

    fn tokens_answer(&self, mut members: Map<String, Value>) -> Answer {
        let Some(lifetime) = &self.hub.settings.lifetime_text else {
            return Answer::json(200, &Value::Object(members));
        };
        members.remove("expires_in");
        let mut body = Value::Object(members).to_string();
        if !lifetime.is_empty() {
            // As text, since a JSON value would be written its own way.
            body.insert_str(1, &format!("\"expires_in\":{lifetime},"));
        }
        Answer::json_text(200, body)
    }
}

/// A user name that asks for something other than an account of the table.
enum Special<'a> {
    Variant(&'a str),
    Fault(&'a str),
    Refusal(Account),
    /// Signs in; the identity API will answer in the form that is named.
    Validation,
}

impl Special<'_> {
    fn parse(user: &str) -> Option<Special<'_>> {
        let (kind, name) = user.split_once(':')?;
        match kind {
            "variant" => Some(Special::Variant(name)),
            "fault" => Some(Special::Fault(name)),
            "validate" => VALIDATIONS.contains(&name).then_some(Special::Validation),
            "code" => {
                let (code, status) = name.split_once(':').unwrap_or((name, "403"));
                Some(Special::Refusal(Account {
                    status: status.parse().ok()?,
                    shape: Shape::Vendor(code.parse().ok()?),
                    text: "Refused with the code that was asked for",
                    ..ANYBODY
                }))
            }
            "status" => {
                let (status, body) = name.split_once(':')?;
                Some(Special::Refusal(Account {
                    status: status.parse().ok()?,
                    shape: match body {
                        "json" => Shape::OtherJson,
                        "html" => Shape::Html,
                        "nothing" => Shape::Nothing,
                        _ => return None,
                    },
                    text: "Refused with the status that was asked for",
                    ..ANYBODY
                }))
            }
            _ => None,
        }
    }
}

fn refuse(error: &str, text: &str) -> Box<Answer> {
    Box::new(errors::oauth(400, error, text))
}
