//! What an advising model says: one sentence a line and language in `advice.tsv`, written
//! for this project in November 2026.

/// Language code and sentence, one a line.
pub const ADVISING: &str = include_str!("advice.tsv");

/// Returns the advice of a number in a language, among harmless words like a real one's.
pub fn advising(language: &str, number: usize) -> String {
    let lines = ADVISING.lines().filter_map(|line| line.split_once('\t'));
    let own: Vec<&str> = lines
        .filter(|(code, _)| *code == language)
        .map(|(_, text)| text)
        .collect();
    let advice = own
        .get(number % own.len().max(1))
        .copied()
        .unwrap_or_default();
    let around = match language {
        "hi" => ["आपके सवाल के लिए धन्यवाद।", "और कुछ पूछना हो तो बताइए।"],
        "hinglish" => [
            "Aapke sawal ke liye dhanyavaad.",
            "Aur kuch poochna ho to bataiye.",
        ],
        _ => ["Thanks for asking.", "Tell me if anything else is unclear."],
    };
    match number / own.len().max(1) % 3 {
        0 => advice.to_owned(),
        1 => format!("{} {advice}", around[0]),
        _ => format!("{} {advice} {}", around[0], around[1]),
    }
}
