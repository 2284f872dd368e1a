//! The audit trail: every deed has a row, and a changed row shows.

use sipbrewery::security::audit::{self, Trail};
use tokio_util::sync::CancellationToken;

use crate::harness::Line;
use crate::harness::line::now;

async fn trail_of_three() -> Line {
    let line = Line::start().await;
    for n in 0..3 {
        let from = format!("9190000004{n:02}");
        line.text(&from, &format!("wamid.{n}"), now(&line), "agent")
            .await;
    }
    line.channel.made(3).await;
    let stop = CancellationToken::new();
    let chaining = tokio::spawn(audit::chain(
        line.ground.db.clone(),
        line.ground.keys.clone(),
        stop.clone(),
    ));
    line.until("select count(*) from audit where seq is not null", 3)
        .await;
    stop.cancel();
    chaining.await.expect("the chain ends when asked");
    line
}

async fn verified(line: &Line) -> Trail {
    let trail = audit::verify(&line.ground.db, &line.ground.keys);
    trail.await.expect("the trail can be read")
}

#[tokio::test]
async fn a_handoff_leaves_a_row_and_the_trail_is_whole() {
    let line = trail_of_three().await;
    assert_eq!(verified(&line).await, Trail::Whole(3));
    assert_eq!(
        line.scalar("select count(*) from audit where action = 'handed_off' and actor = 'contact'")
            .await,
        3
    );
}

#[tokio::test]
async fn an_edit_a_deletion_and_a_swap_each_show() {
    for (harm, place) in [
        ("update audit set actor = 'somebody' where seq = 2", 2),
        ("update audit set at = at + 1 where seq = 3", 3),
        ("delete from audit where seq = 1", 1),
        (
            "update audit set subject = (select subject from audit where seq = 1) where seq = 2",
            2,
        ),
    ] {
        let line = trail_of_three().await;
        line.leave(harm).await;
        assert_eq!(verified(&line).await, Trail::BrokenAt(place), "{harm}");
    }
}
