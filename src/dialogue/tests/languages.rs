//! In which language an answer comes.

use super::conversation::{Chat, id, words};
use crate::contacts::ContactChange;

#[test]
fn the_language_changes_by_word_and_by_tap_and_the_question_is_asked_again_in_it() {
    let mut chat = Chat::going_on();
    chat.writes("sip calculator 5000");
    let reply = chat.writes("हिंदी में");
    assert_eq!(reply.changes, [ContactChange::Language("hi")]);
    assert!(words(&reply).contains("कितने साल"), "{}", words(&reply));
    assert!(chat.asks("10 years").contains("दर"));

    let ask = chat.writes("language");
    let set = chat.taps(&id(&ask, ":hinglish"));
    assert_eq!(set.changes, [ContactChange::Language("hinglish")]);
    assert!(words(&set).contains("Hinglish mein"));
}

#[test]
fn an_answer_comes_in_the_language_of_the_question_and_is_remembered_not_chosen() {
    let mut chat = Chat::going_on();
    let reply = chat.writes("mera portfolio dikhao");
    assert!(words(&reply).contains("Aapka portfolio"));
    assert_eq!(reply.heard, Some("hinglish"));
    let again = chat.writes("meri sip dikhao").heard;
    assert_eq!(again, None, "it is noted once");
    assert!(
        chat.asks("help").starts_with("Main yeh kar sakta hoon"),
        "a command is no sign of English"
    );
    assert!(chat.asks("मेनू").contains("चुनिए"));
    assert!(
        chat.asks("👋").contains("नमस्ते"),
        "what tells nothing keeps the language"
    );
}

#[test]
fn english_terms_after_hinglish_are_answered_in_hinglish() {
    let mut chat = Chat::going_on();
    chat.writes("mera portfolio dikhao");
    let years = chat.asks("sip of 5000 for 10 years at 12%");
    assert!(years.contains("Har mahine"), "{years}");
    let english = chat.asks("how much will i get for 5000 a month in 10 years at 12%");
    assert!(english.contains("a month for"), "{english}");
    assert!(!english.contains("Har mahine"), "{english}");
}
