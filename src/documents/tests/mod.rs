mod papers;
mod service;
