//! Notices over a real database, and letters to a real mail server on this machine.

mod another_way;
mod calendar;
mod following;
mod letters;
mod rig;
mod smtp_server;
mod words;
