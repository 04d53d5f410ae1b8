//! `graph`: what needs what.

use std::io::Write;

use super::args::{GraphArgs, GraphFormat};
use super::{Outcome, load_once};
use crate::resolve::draw;

pub(super) fn graph(args: &GraphArgs) -> Outcome {
    let (_, manager, _) = load_once(&args.mods, &args.choice)?;
    let resolution = manager.resolution();
    let format = if args.json {
        GraphFormat::Json
    } else {
        args.format
    };
    let drawing = match format {
        GraphFormat::Text => draw::text(resolution),
        GraphFormat::Dot => draw::dot(resolution),
        GraphFormat::Mermaid => draw::mermaid(resolution),
        GraphFormat::Json => draw::json(resolution),
        GraphFormat::Svg => draw::svg(resolution),
    };
    writeln!(anstream::stdout().lock(), "{}", drawing.trim_end())?;
    Ok(true)
}
