"""What is planted by models.py: faults, and the models that must find them.

Each is what is wrong, the model that must find it, and the texts that are
replaced: each is in its file exactly once.
"""

TASK, WORKER, THREADS = "src/oauth/task.rs", "src/oauth/worker.rs", "src/oauth/threads.rs"
CALL, CALLS = "src/oauth/call.rs", "src/oauth/calls.rs"
MACHINE, SHARED = "src/oauth/session/machine.rs", "src/oauth/session/shared.rs"
SAVES, DOUBTS = "src/oauth/session/machine/saves.rs", "src/oauth/session/machine/doubts.rs"
FLIGHT, LEAVE = "src/oauth/session/flight.rs", "src/oauth/session/leave.rs"
VERDICT = "src/oauth/session/verdict.rs"

REQUESTS = [
    (
        "nobody is told that a request has ended",
        "request::it_ends_once_and_is_taken_once",
        [(TASK, "        self.ended.notify_all();\n", "")],
    ),
    (
        "whoever waits looks, lets go of the lock, and waits",
        "request::it_ends_once_and_is_taken_once",
        [
            (
                TASK,
                "slot = wait(&self.ended, slot, left);",
                "drop(slot); slot = wait(&self.ended, lock(&self.slot), left);",
            )
        ],
    ),
    (
        "the end is told before the result is there",
        "request::it_ends_once_and_is_taken_once",
        [
            (
                TASK,
                "slot.outcome = Some(outcome);\n        self.step.store(step, Ordering::Release);",
                "self.step.store(step, Ordering::Release);\n        drop(slot);\n"
                "        let mut slot = lock(&self.slot);\n        slot.outcome = Some(outcome);",
            )
        ],
    ),
    (
        "a cancel throws tokens away that came",
        "request::it_ends_once_and_is_taken_once",
        [(TASK, "self.settle(outcome);", "self.settle(call.check().and(outcome));")],
    ),
    (
        "the password outlives a cancelled request",
        "request::it_ends_once_and_is_taken_once",
        [(TASK, "        drop(slot.work.take());\n", "")],
    ),
    (
        "an idle worker is not told of work",
        "workers::each_request_runs_once",
        [(WORKER, "        self.work.notify_one();\n", "")],
    ),
    (
        "one worker too many",
        "workers::each_request_runs_once",
        [
            (WORKER, "state.workers < state.most", "state.workers <= state.most"),
            (WORKER, "epoch && state.workers <= state.most {", "epoch && state.workers <= state.most + 1 {"),
        ],
    ),
    (
        "a request is refused and stays in the queue",
        "workers::they_do_with_few_threads",
        [(WORKER, "            state.queue.pop_back();\n", "")],
    ),
    (
        "a request is refused and stays on the list of calls",
        "workers::they_do_with_few_threads",
        [(TASK, "                calls.remove(&call);\n", "")],
    ),
    (
        "a raised limit is for those that come later",
        "workers::a_raised_limit_serves_the_queue",
        [
            (
                WORKER,
                "        self.staff(&mut state);\n        self.work.notify_all();",
                "        self.work.notify_all();",
            )
        ],
    ),
    (
        "the clock keeper is not told of a time that is over earlier",
        "workers::time_runs_out_in_the_queue",
        [
            (
                WORKER,
                "        }\n        self.queue.notify_one();\n    }\n\n    /// Takes",
                "        }\n    }\n\n    /// Takes",
            )
        ],
    ),
    (
        "a worker that goes leaves the queue without a clock keeper",
        "workers::time_runs_out_in_the_queue",
        [
            (
                WORKER,
                "            state.workers -= 1;\n            // It may have been the one that something counted on.\n"
                "            self.staff(&mut state);\n",
                "            state.workers -= 1;\n",
            )
        ],
    ),
    (
        "a cancel finds nobody awake to see it",
        "cancel::it_ends_the_owner_s_requests_and_no_others",
        [
            (
                CALL,
                "        self.cancelled.store(true, Ordering::SeqCst);\n        // In the child",
                "        // In the child",
            ),
            (
                CALL,
                "                wait.end(stage);\n            }\n        }\n",
                "                wait.end(stage);\n            }\n        }\n"
                "        self.cancelled.store(true, Ordering::SeqCst);\n",
            ),
        ],
    ),
    (
        "a client's cancel stops the calls of all",
        "cancel::it_ends_the_owner_s_requests_and_no_others",
        [(CALLS, "owner.is_none_or(|owner| owner == of)", "owner.is_none_or(|owner| owner == of || owner != of)")],
    ),
    (
        "a cancel does not look into the queue",
        "cancel::what_is_being_started_does_not_stay_in_the_queue",
        [(TASK, "&& self.workers.remove(&task)", "&& task.poll() == Progress::Unusable")],
    ),
    (
        "a cancel between list and queue is lost",
        "cancel::what_is_being_started_does_not_stay_in_the_queue",
        [(TASK, "        if call.is_cancelled() {\n            call.cancel();\n        }\n", "")],
    ),
    (
        "idle workers sleep through a shutdown",
        "shutdown::it_ends_everything_and_is_no_end",
        [
            (
                WORKER,
                "        self.work.notify_all();\n        self.queue.notify_all();\n",
                "        self.queue.notify_all();\n",
            )
        ],
    ),
    (
        "after a shutdown workers that went are counted on",
        "shutdown::it_ends_everything_and_is_no_end",
        [
            (
                WORKER,
                "(state.workers, state.starting, state.idle, state.keeper) = (0, 0, 0, false)",
                "(state.workers, state.starting, state.keeper) = (0, 0, false)",
            )
        ],
    ),
    (
        "a shutdown stops calls first, and workers then",
        "shutdown::what_is_started_meanwhile_is_not_forgotten",
        [
            (
                WORKER,
                "        self.dismiss();\n        calls.cancel(None);\n",
                "        calls.cancel(None);\n        self.dismiss();\n",
            )
        ],
    ),
    (
        "a cancel holds on to the request while it looks into the queue",
        "shutdown::anything_goes",
        [(TASK, "            drop(slot);\n            call.cancel();", "            call.cancel();")],
    ),
    (
        "a thread does not tell that it ends",
        "shutdown::threads_are_all_joined",
        [(THREADS, "        threads.ended.notify_all();\n", "")],
    ),
    (
        "two wait for one thread, and one of them is told",
        "shutdown::threads_are_all_joined",
        [(THREADS, "                self.ended.notify_all();\n", "")],
    ),
]

SESSIONS = [
    (
        "nobody knows that a refresh is under way",
        "session::asks::one_refresh_serves_all",
        [(MACHINE, "(self.flying, self.force) = (true, force);", "self.force = force;")],
    ),
    (
        "nobody is told that a session has changed",
        "session::asks::one_refresh_serves_all",
        [(SHARED, "        drop(machine);\n        self.changed.notify_all();\n", "        drop(machine);\n")],
    ),
    (
        "those who wait see no change",
        "session::asks::one_refresh_serves_all",
        [(SHARED, "        machine.changes += 1;\n", "")],
    ),
    (
        "whoever has an old token waits for the new one",
        "session::asks::an_old_token_is_given_meanwhile",
        [(MACHINE, "self.start(Step::GiveAndStart(held), false)", "self.start(Step::Start, false)")],
    ),
    (
        "a cancel stops a refresh that was sent",
        "session::asks::a_cancel_strands_nobody",
        [(CALL, " && !(self.whole && self.is_sent())", "")],
    ),
    (
        "those who wait hear of somebody else's cancel",
        "session::asks::a_cancel_strands_nobody",
        [(MACHINE, " && failure.reason != Reason::Cancelled", "")],
    ),
    (
        "a refresh that is thrown away tells nobody",
        "session::asks::a_cancel_strands_nobody",
        [(FLIGHT, "        };\n        self.end(end);\n    }\n}\n", "        };\n        drop(end);\n    }\n}\n")],
    ),
    (
        "whoever waits for a refresh cannot be cancelled",
        "session::asks::a_cancel_strands_nobody",
        [(SHARED, "        let _machine = lock(&self.machine);\n        self.changed.notify_all();\n", "")],
    ),
    (
        "a token that was refused is given without a lock",
        "session::asks::an_expired_token_is_replaced_once",
        [(MACHINE, "self.over().is_some() || self.refused", "self.over().is_some()")],
    ),
    (
        "an API's refusal of an old token costs the new one",
        "session::asks::an_expired_token_is_replaced_once",
        [
            (
                DOUBTS,
                "        if current.is_some_and(|token| token.expose() == access_token) {\n            self.refused",
                "        if current.is_some_and(|token| token.expose() >= access_token) {\n            self.refused",
            )
        ],
    ),
    (
        "whoever wants new tokens takes what there is",
        "session::asks::a_renewal_brings_newer_tokens",
        [(SHARED, "(machine.changes, machine.flights() + 1)", "(machine.changes, machine.flights())")],
    ),
    (
        "a refresh that gets no thread stays under way",
        "session::asks::a_refresh_does_with_few_threads",
        [
            (
                SHARED,
                "            flight.end(End::Kept(error, None));\n",
                "            drop(error);\n            std::mem::forget(flight);\n",
            )
        ],
    ),
    (
        "tokens that the program is to save are given first",
        "session::host::nothing_is_given_before_it_is_saved",
        [
            (
                FLIGHT,
                "Ok(held) if store.is_some() => End::Unsaved",
                "Ok(held) if store.is_some() && held.generation == 0 => End::Unsaved",
            )
        ],
    ),
    (
        "two threads save at once",
        "session::host::nothing_is_given_before_it_is_saved",
        [(SHARED, "        if machine.saving.is_some() {\n", "        if machine.flights() == u64::MAX {\n")],
    ),
    (
        "tokens are forgotten that could not be saved",
        "session::host::nothing_is_given_before_it_is_saved",
        [(SAVES, "                self.save_failed = true;\n", "                self.fresh = None;\n")],
    ),
    (
        "whoever waits for another's save has no clock",
        "session::host::a_long_save_keeps_nobody",
        [
            (
                SHARED,
                "            drop(machine);\n            return core.wait_for_change(call, seen, call.end_by());\n",
                "            while machine.changes == seen {\n"
                "                machine = "
                "wait(&core.changed, machine, call.left().unwrap_or(std::time::Duration::MAX));\n"
                "            }\n            return Ok(());\n",
            )
        ],
    ),
    (
        "what the program could not save is given",
        "session::host::what_is_fetched_is_given_when_it_is_saved",
        [(SAVES, "            } else if ok {\n", "            } else if ok || self.taken_out.is_none() {\n")],
    ),
    (
        "a sign-out does not wait for the refresh",
        "session::leave::nobody_gets_a_token_after_a_sign_out",
        [(LEAVE, "!machine.is_flying() && machine.saving", "machine.saving")],
    ),
    (
        "a sign-out does not wait for the program's save",
        "session::leave::a_save_and_a_sign_out_take_turns",
        [(LEAVE, "!machine.is_flying() && machine.saving.is_none()", "!machine.is_flying()")],
    ),
    (
        "a save begins during a sign-out",
        "session::leave::a_save_and_a_sign_out_take_turns",
        [
            (
                SAVES,
                "fresh.or(self.unmarked().map(|held| (held, true))).filter(|_| !self.leaving)",
                "fresh.or(self.unmarked().map(|held| (held, true)))",
            )
        ],
    ),
    (
        "what is given without a lock is set without a lock",
        "session::leave::nothing_is_left_to_be_given",
        [
            (
                SHARED,
                "        shared.show(&machine);\n        shared.keep_orphan(&machine);\n        drop(machine);\n",
                "        let shown = Shown::by(&machine);\n        drop(machine);\n"
                "        shared.shown.store(Arc::new(shown));\n",
            )
        ],
    ),
    (
        "a refresh that ends after the sign-out signs in again",
        "session::leave::a_sign_out_ends_though_a_refresh_does_not",
        [
            (MACHINE, "        if self.is_gone() {\n            return;\n        }\n", ""),
            (MACHINE, "        if self.leaving {\n            return Some(signed_out());\n        }\n", ""),
        ],
    ),
    (
        "a refresh that ends after the sign-out leaves its record",
        "session::leave::a_sign_out_ends_though_a_refresh_does_not",
        [(FLIGHT, "could not remove the record.\n            let _ = user.remove();\n", "could not.\n")],
    ),
    (
        "the end of a session cuts off a refresh that was sent",
        "session::leave::what_was_sent_is_saved_when_the_session_ends",
        [(CALL, "wait.filter(|_| !too_late)", "wait.filter(|_| !too_late || too_late)")],
    ),
    (
        "what comes when nobody has the session is thrown away",
        "session::leave::what_was_sent_is_saved_when_the_session_ends",
        [(SHARED, "        shared.keep_orphan(&machine);\n", "")],
    ),
    (
        "nobody looks for what another process has saved",
        "session::processes::no_refresh_token_is_used_twice",
        [(FLIGHT, "let adopted = is_later.then(", "let adopted = (is_later && false).then(")],
    ),
    (
        "a refresh is sent without a mark",
        "session::processes::what_is_unclear_is_unclear_to_all",
        [(FLIGHT, "held.to_record(self.shared.clock.now_at().max(1))", "held.to_record(0)")],
    ),
    (
        "the mark of another process is overlooked",
        "session::processes::what_is_unclear_is_unclear_to_all",
        [(FLIGHT, "if marked_at != 0 && !plan.force", "if marked_at != 0 && adopted.is_some() && !plan.force")],
    ),
    (
        "tokens are lost that could not be written",
        "session::processes::a_failed_write_loses_nothing",
        [(FLIGHT, "Err(problem) => unsaved(held, true, &problem)", "Err(problem) => End::Kept(problem, None)")],
    ),
    (
        "a refresh without an answer is tried again",
        "session::processes::anything_goes",
        [
            (
                VERDICT,
                "error.request_sent && (no_answer",
                "error.request_sent && error.reason != Reason::TimedOut && (no_answer",
            )
        ],
    ),
]

FAULTS = REQUESTS + SESSIONS
