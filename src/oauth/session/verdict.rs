//! What a failed refresh means for the session.

use super::machine::End;
use super::shared::Terms;
use crate::oauth::error::Error;
use crate::oauth::reason::{Reason, Status};

/// A gateway whose server closed the connection or did not answer in time:
/// nobody knows what that did.
const GATEWAYS: [u16; 2] = [502, 504];

/// The end of a flight that failed with `error`.
pub fn verdict(error: Error, terms: &Terms) -> End {
    if has_ended(&error, terms) {
        let what = format!("The server says that the refresh token has ended (HTTP {})", error.http_status);
        return End::Gone(error.meaning(Reason::RefreshEnded, what));
    }
    if is_unclear(&error) {
        let what = format!("A refresh was sent and its answer never came ({})", error.happened());
        return End::Unclear(error.meaning(Reason::Unclear, what), None);
    }
    End::Kept(error, None)
}

fn has_ended(error: &Error, terms: &Terms) -> bool {
    let said = error.oauth_error.as_deref();
    let code = error.provider_code;
    let own = |ended: &String| said == Some(ended) || (code != 0 && *ended == code.to_string());
    said.is_some_and(|said| terms.profile.ended_errors.contains(&said))
        || terms.profile.ended_codes.contains(&code)
        || terms.ended.iter().any(own)
}

/// Sent, and what came back is no answer to it: cut off, too late, or a
/// success that cannot be read.
fn is_unclear(error: &Error) -> bool {
    let no_answer = error.http_status == 0 || GATEWAYS.contains(&error.http_status);
    let unread = (200..300).contains(&error.http_status) && error.status() == Status::Answer;
    error.request_sent && (no_answer || unread)
}
