//! `graph`: what needs what.

use std::io::Write;

use super::args::{GraphArgs, GraphFormat};
use super::{Outcome, load_once};
use crate::resolve::draw;

pub(super) fn graph(args: &GraphArgs) -> Outcome {
    let (_, manager, _) = load_once(&args.mods, &args.choice)?;
    let resolution = manager.resolution();
    let view = match &args.around {
        None => draw::View::from(resolution),
        // A name that a mod provides means that mod.
        Some(name) => {
            let mod_id = resolution.provider_of(name).unwrap_or(name);
            draw::View::around(resolution, mod_id, args.depth)
                .ok_or_else(|| resolution.why(name).join("\n"))?
        }
    };
    let format = if args.json {
        GraphFormat::Json
    } else {
        args.format
    };
    let drawing = match format {
        GraphFormat::Text => draw::text(view),
        GraphFormat::Dot => draw::dot(view),
        GraphFormat::Mermaid => draw::mermaid(view),
        GraphFormat::Json => draw::json(view),
        GraphFormat::Svg => draw::svg(view),
    };
    writeln!(anstream::stdout().lock(), "{}", drawing.trim_end())?;
    Ok(true)
}
