//! What is printed: a table for each measurement, the ratios, and the verdict.

use std::fmt::Write as _;

use super::run::{Measured, Plan};

/// Says what is measured, and how.
pub(super) fn heading(plan: &Plan) -> String {
    let engine = match &plan.database_url {
        Some(url) if url.starts_with("postgres") => "PostgreSQL",
        _ => "SQLite",
    };
    let pace = match plan.rate {
        Some(rate) => format!("{rate} messages/s"),
        None => "as fast as they are acknowledged".to_owned(),
    };
    let known = if plan.strangers { "new" } else { "known" };
    format!(
        "loadtest: {engine}, {} contacts ({known} to the service), {} of them write, {} events \
         seen before, {pace} for {} s over {} connections, RUST_LOG={}, {}, read \
         receipts off",
        plan.contacts,
        plan.writers,
        plan.seen,
        plan.seconds,
        plan.connections,
        plan.log,
        if plan.statuses {
            "three statuses for each reply"
        } else {
            "no statuses"
        },
    )
}

/// Returns the table of a measurement.
pub(super) fn table(name: &str, m: &Measured) -> String {
    let mut text = String::new();
    let mut line = |what: &str, value: String| {
        let _ = writeln!(text, "  {what:<34}{value:>22}");
    };
    line("", name.to_owned());
    line("messages sent", m.sent.to_string());
    line("refused and sent again", m.refused.to_string());
    line("acks/s", format!("{:.0}", m.ack_rate));
    line("ack p50 / p99", millis(m.acks));
    line("replies/s", format!("{:.0}", m.reply_rate));
    line("webhook to reply p50 / p99", millis(m.replies));
    line(
        "CPU per message",
        m.cpu.map_or_else(unknown, |cpu| format!("{cpu:.0} µs")),
    );
    line(
        "memory idle / peak",
        format!("{} / {}", megabytes(m.idle_kb), megabytes(m.peak_kb)),
    );
    let [lost, doubled, disordered] = m.faults;
    line(
        "lost / doubled / out of order",
        format!("{lost} / {doubled} / {disordered}"),
    );
    if let Some(night) = &m.night {
        let [prepared, told] = night.took.map(|took| took.as_secs_f64());
        line("instalments in one night", night.instalments.to_string());
        line("until all are on record", format!("{prepared:.1} s"));
        line("until all notices are decided", format!("{told:.1} s"));
        for (at, what) in ["preparing", "deciding"].into_iter().enumerate() {
            line(
                &format!("ack p50 / p99 while {what}"),
                millis(night.acks[at]),
            );
            line(
                &format!("reply p50 / p99 while {what}"),
                millis(night.replies[at]),
            );
        }
        let of_quiet = night
            .replies
            .map(|[_, high]| f64::from(high) / f64::from(m.replies[1].max(1)));
        let of_quiet = of_quiet.map(|share| format!("{share:.2}")).join(" / ");
        line("reply p99 / quiet (aim 2)", of_quiet);
    }
    text
}

/// Returns the ratios of the service to the bare server, over all rounds.
pub(super) fn ratios(service: &[Measured], bare: &[Measured]) -> String {
    let acks = |m: &Measured| m.ack_rate;
    let replies = |m: &Measured| m.reply_rate;
    let mut text = String::from("service / bare server, medians of the rounds\n");
    for (what, of, aim) in [
        ("acks/s", &acks as &dyn Fn(&Measured) -> f64, 0.7),
        ("replies/s", &replies, 0.4),
    ] {
        let (ours, theirs) = (median(service, of), median(bare, of));
        let _ = writeln!(
            text,
            "  {what:<12}{ours:>8.0} / {theirs:<8.0}= {:.2} (aim {aim})",
            ours / theirs.max(1e-6)
        );
    }
    text
}

fn median(of: &[Measured], value: impl Fn(&Measured) -> f64) -> f64 {
    let mut values: Vec<f64> = of.iter().map(value).collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

/// Fails when anything was lost, doubled or out of order.
pub(super) fn verdict(measured: &[&Measured]) -> anyhow::Result<()> {
    let wrong: u64 = measured.iter().flat_map(|m| m.faults).sum();
    anyhow::ensure!(
        wrong == 0,
        "{wrong} messages were lost, doubled or out of order"
    );
    Ok(())
}

fn millis([middle, high]: [u32; 2]) -> String {
    format!(
        "{:.2} / {:.2} ms",
        f64::from(middle) / 1e3,
        f64::from(high) / 1e3
    )
}

fn megabytes(kb: Option<u64>) -> String {
    kb.map_or_else(unknown, |kb| format!("{} MB", kb.div_ceil(1_024)))
}

fn unknown() -> String {
    "not known".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verdict_is_on_every_fault() {
        let good = Measured::default();
        let bad = Measured {
            faults: [0, 0, 1],
            ..Measured::default()
        };
        assert!(verdict(&[&good]).is_ok());
        assert!(verdict(&[&good, &bad]).is_err());
    }

    #[test]
    fn the_ratios_are_those_of_the_medians() {
        let at = |ack_rate: f64| Measured {
            ack_rate,
            reply_rate: ack_rate,
            ..Measured::default()
        };
        let text = ratios(
            &[at(10.0), at(30.0), at(20.0)],
            &[at(40.0), at(1.0), at(100.0)],
        );
        assert!(text.contains("= 0.50 (aim 0.7)"), "{text}");
    }
}
