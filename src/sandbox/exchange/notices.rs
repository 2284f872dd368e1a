//! Tells the member what changed, until it is taken or given up.

use std::time::Duration;

use jiff::Timestamp;

use super::records::Notice;
use super::{Exchange, lock};

/// As the real exchange does it: three more tries within half an hour, then never again,
/// so that a member has to ask as well.
const PAUSES: [Duration; 3] = [
    Duration::from_mins(1),
    Duration::from_mins(9),
    Duration::from_mins(19),
];
/// Notices posted at once.
const TOGETHER: usize = 8;

impl Exchange {
    /// Posts the notices that are due, once each; returns how many were posted. None goes
    /// out before it is on disk.
    pub async fn deliver(&self) -> usize {
        if !self.save().await {
            return 0;
        }
        let due = self.take_due();
        let count = due.len();
        let url = lock(&self.inner.callback_url).clone();
        for some in due.chunks(TOGETHER) {
            let posts = some.iter().map(|notice| self.post(url.as_deref(), notice));
            futures::future::join_all(posts).await;
        }
        self.save().await;
        count
    }

    /// Returns the bodies of the notices that are due, in their order, and forgets them:
    /// for a test that hands them over itself.
    pub fn take_notices(&self) -> Vec<String> {
        let due = self.take_due();
        let mut state = self.state();
        for notice in &due {
            state.posting.remove(&notice.place);
            state.drop_notice(notice.place);
        }
        due.into_iter().map(|notice| notice.body).collect()
    }

    /// Returns how many notices were not taken yet.
    pub fn untold(&self) -> usize {
        self.state().notices.len()
    }

    /// Returns when there is something to do next.
    pub(crate) fn next_moment(&self) -> Option<Timestamp> {
        let state = self.state();
        let notices = state.notices.values();
        let notice = notices
            .filter(|notice| !state.posting.contains(&notice.place))
            .map(|notice| notice.due)
            .min();
        [state.next_due(), notice].into_iter().flatten().min()
    }

    fn take_due(&self) -> Vec<Notice> {
        let now = self.inner.clock.now();
        let mut state = self.state();
        let mut due: Vec<Notice> = state
            .notices
            .values()
            .filter(|notice| notice.due <= now && !state.posting.contains(&notice.place))
            .cloned()
            .collect();
        due.sort_by_key(|notice| (notice.due, notice.place));
        for notice in &due {
            state.posting.insert(notice.place);
        }
        due
    }

    async fn post(&self, url: Option<&str>, notice: &Notice) {
        let taken = match url {
            // Nobody wants to know.
            None => true,
            Some(url) => {
                let request = self
                    .inner
                    .http
                    .post(url)
                    .header("content-type", "application/json")
                    .body(notice.body.clone());
                let answer = self.inner.closing.run_until_cancelled(request.send()).await;
                matches!(answer, Some(Ok(answer)) if answer.status() == 200)
            }
        };
        let now = self.inner.clock.now();
        let mut state = self.state();
        state.posting.remove(&notice.place);
        let pause = PAUSES.get(usize::try_from(notice.attempts).unwrap_or(usize::MAX));
        match (taken, pause) {
            (false, Some(pause)) => state.put_notice(Notice {
                attempts: notice.attempts + 1,
                due: now + *pause,
                ..notice.clone()
            }),
            _ => state.drop_notice(notice.place),
        }
    }
}
