//! Dealing over a real database and a scripted exchange.

mod words;
