//! What ureq asks for a connection: the traits of `ureq::unversioned`.

use std::fmt;
use std::sync::Arc;

use ureq::Error as UreqError;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, NextTimeout, Transport};

use super::conn::Conn;
use super::pool::Idle;
use super::{Shared, dial};
use crate::oauth::call::Call;
use crate::oauth::error::Error;
use crate::oauth::url::Origin;

/// Gets the connection for one call: from the pool, or a new one.
pub(crate) struct Dialer {
    pub call: Arc<Call>,
    pub shared: Arc<Shared>,
    pub origin: Origin,
    /// Whether the pool is passed over.
    pub fresh: bool,
}

/// A connection lent to ureq for one exchange.
pub(crate) struct Loan {
    conn: Option<Conn>,
    call: Arc<Call>,
    shared: Arc<Shared>,
    origin: Origin,
    /// Whether the exchange ended so that another may follow.
    clean: bool,
    never: super::buffers::Buffers,
}

/// ureq looks names up before it asks for a connection, warm ones too. Ours
/// are looked up in [`dial`], when there is need.
#[derive(Debug)]
pub(crate) struct NoResolver;

impl Resolver for NoResolver {
    fn resolve(&self, _: &Uri, _: &ureq::config::Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, UreqError> {
        Ok(self.empty())
    }
}

impl Connector for Dialer {
    type Out = Loan;

    fn connect(&self, _: &ConnectionDetails<'_>, _: Option<()>) -> Result<Option<Loan>, UreqError> {
        let conn = self.get().map_err(|error| refuse(&self.call, error))?;
        Ok(Some(Loan {
            conn: Some(conn),
            call: self.call.clone(),
            shared: self.shared.clone(),
            origin: self.origin.clone(),
            clean: false,
            never: super::buffers::Buffers::none(),
        }))
    }
}

impl Dialer {
    fn get(&self) -> Result<Conn, Error> {
        let pool = &self.shared.state().pool;
        let kept = if self.fresh { None } else { pool.take(&self.origin) };
        match kept {
            Some(idle) => {
                idle.conn.attach(&self.call)?;
                Ok(idle.conn)
            }
            None => dial::dial(&self.call, &self.shared, &self.origin),
        }
    }
}

/// ureq learns only that it failed; the call keeps why.
fn refuse(call: &Call, error: Error) -> UreqError {
    call.set_fault(error);
    UreqError::ConnectionFailed
}

impl Transport for Loan {
    fn buffers(&mut self) -> &mut dyn Buffers {
        match &mut self.conn {
            Some(conn) => &mut conn.buffers,
            None => &mut self.never,
        }
    }

    fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), UreqError> {
        let Some(conn) = &mut self.conn else {
            return Err(UreqError::ConnectionFailed);
        };
        // Held back: header and body leave together when the answer is awaited.
        if conn.buffers.fill_out(amount) {
            conn.flush(&self.call).map_err(|error| refuse(&self.call, error))?;
        }
        Ok(())
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, UreqError> {
        let Some(conn) = &mut self.conn else {
            return Err(UreqError::ConnectionFailed);
        };
        conn.receive(&self.call).map_err(|error| refuse(&self.call, error))
    }

    /// ureq asks this once, after an answer that ended as it should and allows
    /// another, to put the connection into its own pool. We note it, say no,
    /// and put it into ours.
    fn is_open(&mut self) -> bool {
        self.clean = true;
        false
    }

    fn is_tls(&self) -> bool {
        self.conn.as_ref().is_some_and(Conn::is_tls)
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        let Some(mut conn) = self.conn.take() else {
            return;
        };
        conn.wipe();
        // A cancel finds nothing to end from here on, or is seen by the check:
        // it must not end what the next call uses.
        self.call.detach();
        if self.clean && conn.is_drained() && self.call.check().is_ok() {
            let idle = Idle::new(self.origin.clone(), conn, self.shared.idle);
            self.shared.state().pool.put(idle, self.shared.idle_connections);
        }
    }
}

impl fmt::Debug for Dialer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Dialer")
    }
}

impl fmt::Debug for Loan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Loan")
    }
}
