//! BSE's words for how far something is, and ours. A word that is not in the table is not
//! translated: whoever reads it stops instead of guessing.

use crate::investing::gateway::port::{GatewayError, InvestorState};
use crate::investing::orders::{MandateStatus, OrderKind, OrderStatus, PlanStatus};

/// How far an order is; `done` means allotted on a purchase or a switch, paid on a
/// redemption.
pub(super) fn order(raw: &str, kind: OrderKind) -> Result<OrderStatus, GatewayError> {
    Ok(match raw.to_ascii_lowercase().as_str() {
        "received" | "order_2fa_pending" | "threshold_approval_pending" => {
            OrderStatus::AwaitingAuthorisation
        }
        "bank_tpv_pending" | "payment_pending" => OrderStatus::AwaitingPayment,
        "match_pending" => OrderStatus::PaymentProcessing,
        "matched"
        | "sent_to_rta"
        | "queued_for_rta"
        | "rta_resp_rcvd"
        | "units_rta_settled"
        | "redempt_rta_settled"
        | "redempt_payout_attempted"
        | "amc_mis_payout_updated"
        | "redempt_payout_failed"
        | "redempt_fund_returned_amc" => OrderStatus::SentToRta,
        "done" => match kind {
            OrderKind::Redemption => OrderStatus::RedeemedPaid,
            OrderKind::Purchase | OrderKind::Switch => OrderStatus::Allotted,
        },
        "platform_rejected" | "ops_rejected" | "rta_rejected" | "dep_rejected" => {
            OrderStatus::Rejected
        }
        "cancelled" => OrderStatus::Cancelled,
        "refund_pending" | "exch_refund_init" | "exch_refund_attempted" | "exch_refund_failed" => {
            OrderStatus::RefundDue
        }
        _ => return Err(unknown("order", raw)),
    })
}

/// What is wrong with the money of a redemption, where it was sent and did not arrive.
pub(super) fn payout_failure(raw: &str) -> Option<&'static str> {
    match raw.to_ascii_lowercase().as_str() {
        "redempt_payout_failed" => Some("the bank did not take the money"),
        "redempt_fund_returned_amc" => Some("the money went back to the fund house"),
        _ => None,
    }
}

/// How far a plan is.
pub(super) fn plan(raw: &str) -> Result<PlanStatus, GatewayError> {
    Ok(match raw.to_ascii_lowercase().as_str() {
        "reg" | "sxp_2fa_pending" => PlanStatus::Awaiting2fa,
        "active" | "sxp_order_triggered" => PlanStatus::Active,
        "paused" => PlanStatus::Paused,
        "sxp_investor_canc" => PlanStatus::CancelledByInvestor,
        "cancelled" => PlanStatus::CancelledByExchange,
        "mandate_unlink" => PlanStatus::MandateUnlinked,
        "autocancelled" => PlanStatus::AutoCancelled,
        "matured" => PlanStatus::Completed,
        _ => return Err(unknown("plan", raw)),
    })
}

/// How far a mandate is.
pub(super) fn mandate(raw: &str) -> Result<MandateStatus, GatewayError> {
    Ok(match raw.to_ascii_lowercase().as_str() {
        "initiated" | "investor_auth_awaited" => MandateStatus::AwaitingInvestor,
        "in_process_agency" => MandateStatus::UnderProcess,
        "active" | "pre_debit_notification_sent_successfully" => MandateStatus::Active,
        "rejected" | "auto_rejected" => MandateStatus::Rejected,
        "cancelled" => MandateStatus::Cancelled,
        "completed" => MandateStatus::Completed,
        _ => return Err(unknown("mandate", raw)),
    })
}

/// How far an account is.
pub(super) fn investor(raw: &str) -> Result<InvestorState, GatewayError> {
    Ok(match raw.to_ascii_lowercase().as_str() {
        "pending_authentication" | "pending_auth" | "ucc_auth_ucc" => {
            InvestorState::AwaitingAuthorisation
        }
        "approved"
        | "pending_verification"
        | "ucc_kyc_verification"
        | "ucc_pan_verification"
        | "ucc_bank_acc" => InvestorState::UnderProcess,
        "active" => InvestorState::Active,
        "suspended" => InvestorState::Suspended,
        _ => return Err(unknown("account", raw)),
    })
}

fn unknown(what: &str, raw: &str) -> GatewayError {
    let raw: String = raw
        .chars()
        .filter(char::is_ascii_graphic)
        .take(64)
        .collect();
    GatewayError::NotSetUp(format!(
        "BSE calls this {what} `{raw}`, which is in no table of ours"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_is_in_no_table_is_kept_and_stops_whoever_reads_it() {
        for error in [
            order("half_done", OrderKind::Purchase).unwrap_err(),
            plan("half_done").unwrap_err(),
            mandate("half_done").unwrap_err(),
            investor("half_done").unwrap_err(),
        ] {
            assert!(matches!(error, GatewayError::NotSetUp(ref why) if why.contains("half_done")));
        }
        let done = |kind| order("DONE", kind).unwrap();
        assert_eq!(done(OrderKind::Purchase), OrderStatus::Allotted);
        assert_eq!(done(OrderKind::Redemption), OrderStatus::RedeemedPaid);
    }
}
