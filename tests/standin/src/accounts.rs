//! The accounts: one for each documented outcome of a login. This table is
//! what tests, the demo and `standin --accounts` go by.

use std::fmt::Write;

use Extra::*;
use Shape::*;

/// The password of every account that does not name another.
pub const PASSWORD: &str = "correct horse";

/// One account, named after what happens to whoever signs in with it.
#[derive(Clone, Copy, Debug)]
pub struct Account {
    /// The user name.
    pub user: &'static str,
    /// The password it accepts.
    pub password: &'static str,
    /// The HTTP status at the LoginRadius endpoints.
    pub status: u16,
    /// The form of the answer there.
    pub shape: Shape,
    /// Its message or description.
    pub text: &'static str,
    /// What else the answer carries.
    pub extra: Extra,
}

/// The form of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Tokens.
    Tokens,
    /// The LoginRadius error with this code.
    Vendor(i64),
    /// The same, members in lower camel case.
    VendorLower(i64),
    /// The OAuth error of this name.
    OAuth(&'static str),
    /// JSON with a message, but neither code nor error name.
    OtherJson,
    /// An HTML page.
    Html,
    /// No body and no content type.
    Nothing,
}

/// What an answer carries besides its shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extra {
    /// Nothing.
    Plain,
    /// `Data.LoginLockedTimeout` so many seconds ahead.
    LockedFor(u64),
    /// `Retry-After` in seconds.
    RetryAfter(u64),
    /// `Retry-After` as a date so many seconds ahead.
    RetryAfterDate(u64),
    /// An `Errors` array.
    FieldErrors,
    /// The password that was sent, repeated in the text, right or wrong.
    EchoPassword,
    /// An all-zero access token and the second-factor object.
    SecondFactor,
    /// Signs in once the request has this member with this value.
    Unless(&'static str, &'static str),
    /// The account does not exist: refused whatever the password.
    Nobody,
}

const fn row(user: &'static str, status: u16, shape: Shape, text: &'static str, extra: Extra) -> Account {
    Account { user, password: PASSWORD, status, shape, text, extra }
}

const BOB: Account = Account { password: "p&s=w+r%d é€\"\\", ..row("bøb", 200, Tokens, "", Plain) };

/// What a wrong password gets, whoever's it is.
pub(crate) const WRONG_PASSWORD: Account = row("", 401, Vendor(966), "The username or password is incorrect", Plain);

/// What `variant:…` and `fault:…` accounts are before they misbehave.
pub(crate) const ANYBODY: Account = row("", 200, Tokens, "", Plain);

const CAPTCHA: Extra = Unless("g-recaptcha-response", "human");

/// Every account with a name of its own.
#[rustfmt::skip]
pub const ACCOUNTS: &[Account] = &[
    row("ada",              200, Tokens,            "", Plain),
    BOB,
    row("nobody",           403, Vendor(938),       "The user does not exist", Nobody),
    row("unverified-email", 403, Vendor(970),       "The email address is not verified", Plain),
    row("unverified-phone", 403, Vendor(1066),      "The phone number is not verified", Plain),
    row("unverified-any",   403, Vendor(1162),      "The account is not verified", Plain),
    row("blocked",          403, Vendor(991),       "The account is blocked", Plain),
    row("suspended",        403, Vendor(1164),      "The account is suspended", Plain),
    row("locked",           403, Vendor(1198),      "The account is locked after too many attempts", LockedFor(600)),
    row("captcha",          403, Vendor(1132),      "A CAPTCHA answer is needed", CAPTCHA),
    row("question",         403, Vendor(1148),      "A security question must be answered", Plain),
    row("mfa",              403, Vendor(1176),      "A second factor is needed", Plain),
    row("mfa-native",       200, Tokens,            "A second factor is needed", SecondFactor),
    row("risk",             403, Vendor(1165),      "The login looks risky and needs another step", Plain),
    row("not-allowed",      403, Vendor(1130),      "This login method is not allowed", Plain),
    row("sessions",         403, Vendor(1338),      "Too many sessions are open", Plain),
    row("ip",               403, Vendor(1206),      "Logins from this address are refused", Plain),
    row("policy",           403, Vendor(1194),      "The privacy policy must be accepted", Plain),
    row("consent",          403, Vendor(1226),      "Consent must be given", Plain),
    row("pin",              403, Vendor(1243),      "A PIN must be set", Plain),
    row("ratelimited",      429, OtherJson,         "Too many requests", RetryAfter(7)),
    row("unknown-code",     403, Vendor(1999),      "Something nobody has documented", Plain),
    row("lower-case",       403, VendorLower(991),  "The account is blocked", Plain),
    row("errors-array",     400, Vendor(908),       "A parameter is not formatted correctly", FieldErrors),
    row("echo",             403, Vendor(966),       "No such password", EchoPassword),
    row("oauth-denied",     400, OAuth("invalid_grant"), "The user name or password is wrong", Plain),
    row("oauth-empty",      400, OAuth("invalid_grant"), "", Plain),
    row("client-refused",   403, OAuth("unauthorized_client"), "oops something is going wrong", Plain),
    row("unsupported",      400, OAuth("unsupported_grant_type"), "The password grant is off for this app", Plain),
    row("scope",            400, OAuth("invalid_scope"), "The scope is not allowed", Plain),
    row("servererror",      500, OtherJson,         "Object reference not set", Plain),
    row("badgateway",       502, Html,              "Bad gateway", Plain),
    row("unavailable",      503, Html,              "Down for maintenance", RetryAfterDate(30)),
    row("waf",              403, Html,              "Request blocked", Plain),
    row("forbidden-empty",  403, Nothing,           "", Plain),
];

/// The account of this name.
pub fn account(user: &str) -> Option<&'static Account> {
    ACCOUNTS.iter().find(|account| account.user == user)
}

/// The table for people.
pub fn table() -> String {
    let mut out = format!("{:<17}{:<6}{:<32}WHAT HAPPENS\n", "USER", "HTTP", "ANSWER");
    for account in ACCOUNTS {
        let shape = format!("{:?}", account.shape);
        let mut what = account.text.to_owned();
        if account.extra != Plain {
            let gap = if what.is_empty() { "" } else { " " };
            let _ = write!(what, "{gap}[{:?}]", account.extra);
        }
        if account.password != PASSWORD {
            let _ = write!(what, "signs in with the password {}", account.password);
        }
        if what.is_empty() {
            what = if account.shape == Tokens { "signs in" } else { "(no text)" }.to_owned();
        }
        let (user, status) = (account.user, account.status);
        let _ = writeln!(out, "{user:<17}{status:<6}{shape:<32}{what}");
    }
    let _ = write!(
        out,
        "\nThe password is \"{PASSWORD}\" unless noted; a wrong one gets 401, code 966.\n\
         Any name signs in as one of these, too:\n\
         code:NNNN[:HTTP]     refused with that LoginRadius code (403 unless given)\n\
         status:HTTP:BODY     that status with BODY json, html or nothing\n\
         variant:NAME         a success of unusual form: {}\n\
         fault:NAME           misbehaviour on the wire: {}\n\
         validate:NAME        a login that the identity API validates in another form: {}\n",
        crate::variants::NAMES.join(" "),
        crate::faults::NAMES.join(" "),
        crate::identity::VALIDATIONS.join(" "),
    );
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_user_twice() {
        for (at, one) in ACCOUNTS.iter().enumerate() {
            let mut others = ACCOUNTS[..at].iter();
            assert!(others.all(|other| other.user != one.user), "{}", one.user);
        }
    }

    #[test]
    fn the_table_lists_everything() {
        let table = table();
        for account in ACCOUNTS {
            assert!(table.contains(account.user), "{}", account.user);
        }
    }
}
