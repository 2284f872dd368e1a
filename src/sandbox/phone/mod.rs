//! x
use super::emulator::Person;
use futures::future::BoxFuture;
use std::sync::Arc;
/// hook
pub type ReleaseHook = Arc<dyn Fn(String) -> BoxFuture<'static, Result<(), String>> + Send + Sync>;
/// p
pub fn personas() -> Vec<Person> {
    vec![]
}
