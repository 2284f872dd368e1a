//! Makes the file of what a document says.

use super::charts::Picture;
use super::content::Said;
use super::draw::{pdf, png};
use super::facts::Occasion;
use super::layout::paper;
use super::words::tag;
use super::{Document, Kind};

/// Prints a paper as PDF.
pub fn paper(kind: Kind, occasion: &Occasion, said: &Said) -> anyhow::Result<Document> {
    let pages = paper::lay_out(&said.report);
    let imprint = pdf::Imprint {
        title: &said.report.title,
        language: tag(occasion.language),
        author: &occasion.distributor,
        made: occasion.now,
    };
    Ok(Document {
        kind,
        title: said.report.title.clone(),
        file_name: file_name(kind, occasion, "pdf"),
        mime: "application/pdf",
        caption: said.caption.clone(),
        bytes: pdf::write(&pages, &imprint)?,
    })
}

/// Draws a picture as PNG.
pub fn picture(kind: Kind, occasion: &Occasion, picture: &Picture) -> anyhow::Result<Document> {
    Ok(Document {
        kind,
        title: picture.title.clone(),
        file_name: file_name(kind, occasion, "png"),
        mime: "image/png",
        caption: picture.caption.clone(),
        bytes: png::write(&picture.sheet)?,
    })
}

/// Names no investor: file names travel further than files.
fn file_name(kind: Kind, occasion: &Occasion, extension: &str) -> String {
    format!("{kind}-{}.{extension}", occasion.now.date())
}
