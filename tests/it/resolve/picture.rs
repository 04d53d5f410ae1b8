//! What stands where in a picture, read from its SVG.

/// What stands in a picture.
pub(super) struct Picture {
    pub(super) width: f64,
    pub(super) height: f64,
    /// Each box: x, y, width, height.
    pub(super) boxes: Vec<[f64; 4]>,
    /// The names of mods, with where each begins and ends.
    pub(super) named: Vec<String>,
    names: Vec<[f64; 4]>,
    /// The points of each arrow: where it begins, and where each of its parts ends.
    pub(super) arrows: Vec<Vec<[f64; 2]>>,
}

impl Picture {
    pub(super) fn read(svg: &str) -> Picture {
        let size =
            |tag: &str, key: &str| number(tag, key).unwrap_or_else(|| panic!("{key} of {tag}"));
        let root = svg.split('>').next().unwrap();
        let mut picture = Picture {
            width: size(root, "width"),
            height: size(root, "height"),
            boxes: Vec::new(),
            named: Vec::new(),
            names: Vec::new(),
            arrows: Vec::new(),
        };
        let body = svg.split_once("</defs>").unwrap().1;
        let body = body.split_once("<g transform").map_or("", |(_, body)| body);
        for block in body.split("<g transform") {
            let at = block
                .trim_start_matches("=\"translate(")
                .split(')')
                .next()
                .unwrap();
            let Some((x, y)) = at.split_once(' ') else {
                continue;
            };
            let (x, y): (f64, f64) = (x.parse().unwrap(), y.parse().unwrap());
            // Headings stand between blocks.
            let block = block.split("</g>\n</g>").next().unwrap();
            for tag in block.split('<').skip(1) {
                if tag.starts_with("rect class=\"box") {
                    let area = [
                        x + size(tag, "x"),
                        y + size(tag, "y"),
                        size(tag, "width"),
                        size(tag, "height"),
                    ];
                    picture.boxes.push(area);
                } else if let Some(name) = tag.strip_prefix("text id=\"") {
                    let name = name.split('"').next().unwrap().to_owned();
                    let length = f64::from(u32::try_from(name.len()).unwrap());
                    picture.names.push([
                        x + size(tag, "x"),
                        y + size(tag, "y") - 10.0,
                        6.0 * length,
                        12.0,
                    ]);
                    picture.named.push(name);
                } else if let Some(path) = tag.strip_prefix("path class=\"edge") {
                    let path = path
                        .split(" d=\"")
                        .nth(1)
                        .unwrap()
                        .split('"')
                        .next()
                        .unwrap();
                    picture.arrows.push(points(path, (x, y)));
                }
            }
        }
        picture
    }

    pub(super) fn assert_nothing_overlaps(&self) {
        for areas in [&self.boxes, &self.names] {
            let mut sorted = areas.clone();
            sorted.sort_by(|a, b| a[1].total_cmp(&b[1]));
            for (n, a) in sorted.iter().enumerate() {
                assert!(a[0] >= 0.0 && a[0] + a[2] <= self.width, "{a:?}");
                assert!(a[1] >= 0.0 && a[1] + a[3] <= self.height, "{a:?}");
                for b in sorted[n + 1..].iter().take_while(|b| b[1] < a[1] + a[3]) {
                    assert!(a[0] + a[2] <= b[0] || b[0] + b[2] <= a[0], "{a:?} {b:?}");
                }
            }
        }
    }

    /// How many straight parts of arrows pass through boxes.
    pub(super) fn arrows_through_boxes(&self) -> usize {
        let passes = |from: &[f64; 2], to: &[f64; 2], area: &[f64; 4]| {
            let (left, right) = (from[0].min(to[0]), from[0].max(to[0]));
            from[1] == to[1]
                && area[1] < from[1]
                && from[1] < area[1] + area[3]
                && left < area[0] + area[2] - 0.2
                && area[0] + 0.2 < right
        };
        let parts = self.arrows.iter().flat_map(|arrow| arrow.windows(2));
        parts
            .filter(|part| {
                self.boxes
                    .iter()
                    .any(|area| passes(&part[0], &part[1], area))
            })
            .count()
    }
}

fn number(tag: &str, key: &str) -> Option<f64> {
    let (_, rest) = tag.split_once(&format!(" {key}=\""))?;
    rest.split('"').next()?.parse().ok()
}

/// Where each part of a path ends, in it absolute coordinates alone.
fn points(path: &str, (x, y): (f64, f64)) -> Vec<[f64; 2]> {
    let mut points: Vec<[f64; 2]> = Vec::new();
    let mut starts: Vec<usize> = path
        .match_indices(['M', 'C', 'H'])
        .map(|(at, _)| at)
        .collect();
    starts.push(path.len());
    for range in starts.windows(2) {
        let (command, numbers) = path[range[0]..range[1]].split_at(1);
        let numbers: Vec<f64> = numbers.split(' ').map(|n| n.parse().unwrap()).collect();
        points.push(match (command, numbers.as_slice()) {
            ("M", [to_x, to_y]) | ("C", [_, _, _, _, to_x, to_y]) => [x + to_x, y + to_y],
            ("H", [to_x]) => [x + to_x, points.last().unwrap()[1]],
            _ => panic!("{path}"),
        });
    }
    points
}
