//! Pages for printing: a PDF whose pages are pictures, with their words beneath, so that they can be searched and copied.
//!
//! The pictures carry every script there is; the words are set invisibly in a font that every reader has, with what Latin letters it
//! knows. The same pages give the same bytes: no dates, no ids, no names of machines.

/// One page. Sizes are in points, a seventy-second of an inch.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    pub width: u32,
    pub height: u32,
    /// The page as a JPEG in colour, and its pixels.
    pub jpeg: Vec<u8>,
    pub pixels: (u32, u32),
    /// What is written where, from the upper left corner, in points.
    pub words: Vec<(f32, f32, String)>,
}

/// A whole document.
pub fn pdf(title: &str, pages: &[Page]) -> Vec<u8> {
    let mut out = Writer { bytes: b"%PDF-1.4\n%\xE2\xE3\xCF\xD3\n".to_vec(), places: Vec::new() };
    // 1 catalogue, 2 list of pages, 3 font, 4 information; then three objects a page.
    let page_number = |at: usize| 5 + at * 3;
    let kids: Vec<String> = (0..pages.len()).map(|at| format!("{} 0 R", page_number(at))).collect();
    out.object("<< /Type /Catalog /Pages 2 0 R >>");
    out.object(&format!("<< /Type /Pages /Kids [{}] /Count {} >>", kids.join(" "), pages.len()));
    out.object("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>");
    out.object(&format!("<< /Title ({}) /Producer (Kinora) >>", text(title)));
    for (at, page) in pages.iter().enumerate() {
        let number = page_number(at);
        let (width, height) = (page.width, page.height);
        out.object(&format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width} {height}] /Contents {} 0 R \
             /Resources << /XObject << /P {} 0 R >> /Font << /F 3 0 R >> >> >>",
            number + 1,
            number + 2
        ));
        // Mode 3 neither fills nor strokes: the words are there and not seen.
        let mut content = format!("q {width} 0 0 {height} 0 0 cm /P Do Q\nBT /F 9 Tf 3 Tr\n");
        for (left, top, words) in &page.words {
            content.push_str(&format!("1 0 0 1 {left:.1} {:.1} Tm ({}) Tj\n", height as f32 - top, text(words)));
        }
        content.push_str("ET\n");
        out.stream("", content.as_bytes());
        let (across, down) = page.pixels;
        out.stream(
            &format!(
                "/Type /XObject /Subtype /Image /Width {across} /Height {down} /ColorSpace /DeviceRGB \
                 /BitsPerComponent 8 /Filter /DCTDecode "
            ),
            &page.jpeg,
        );
    }
    out.finish()
}

struct Writer {
    bytes: Vec<u8>,
    /// Where each object begins.
    places: Vec<usize>,
}

impl Writer {
    fn begin(&mut self) {
        self.places.push(self.bytes.len());
        self.bytes.extend(format!("{} 0 obj\n", self.places.len()).bytes());
    }

    fn object(&mut self, body: &str) {
        self.begin();
        self.bytes.extend(body.bytes());
        self.bytes.extend(b"\nendobj\n");
    }

    fn stream(&mut self, entries: &str, data: &[u8]) {
        self.begin();
        self.bytes.extend(format!("<< {entries}/Length {} >>\nstream\n", data.len()).bytes());
        self.bytes.extend(data);
        self.bytes.extend(b"\nendstream\nendobj\n");
    }

    fn finish(mut self) -> Vec<u8> {
        let table = self.bytes.len();
        let count = self.places.len() + 1;
        self.bytes.extend(format!("xref\n0 {count}\n0000000000 65535 f \n").bytes());
        for place in &self.places {
            self.bytes.extend(format!("{place:010} 00000 n \n").bytes());
        }
        let trailer = format!("trailer\n<< /Size {count} /Root 1 0 R /Info 4 0 R >>\nstartxref\n{table}\n%%EOF\n");
        self.bytes.extend(trailer.bytes());
        self.bytes
    }
}

/// A string between brackets: Latin letters as they are or by number, everything else left out.
fn text(words: &str) -> String {
    let mut written = String::new();
    for letter in words.chars() {
        let code = match letter {
            '’' | '‘' => u32::from('\''),
            '“' | '”' => u32::from('"'),
            '–' | '—' => u32::from('-'),
            '\n' | '\t' => u32::from(' '),
            other => u32::from(other),
        };
        match (char::from_u32(code), code) {
            (Some(mark @ ('(' | ')' | '\\')), _) => written.extend(['\\', mark]),
            (Some(plain), 0x20..=0x7e) => written.push(plain),
            (_, 0xa0..=0xff) => written.push_str(&format!("\\{code:03o}")),
            _ => {}
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pages() -> Vec<Page> {
        let page = |words: &str| Page {
            width: 842,
            height: 595,
            jpeg: vec![0xff, 0xd8, 0xff, 0xd9],
            pixels: (2, 1),
            words: vec![(36.0, 40.0, words.to_owned())],
        };
        vec![page("1.1 A (red) ball"), page("2.1 Füße, “ja” 日本")]
    }

    #[test]
    fn every_object_is_where_the_table_says() {
        let bytes = pdf("The ball", &pages());
        let all = String::from_utf8_lossy(&bytes).into_owned();
        let at = |needle: &[u8]| bytes.windows(needle.len()).position(|part| part == needle);
        let table = at(b"xref\n").expect("a table");
        let tail = String::from_utf8_lossy(&bytes[table..]).into_owned();
        let places: Vec<usize> = tail
            .lines()
            .filter(|line| line.ends_with("00000 n "))
            .map(|line| line[..10].parse().expect("a place"))
            .collect();
        assert_eq!(places.len(), 4 + 3 * 2);
        for (number, place) in places.iter().enumerate() {
            let begins = format!("{} 0 obj\n", number + 1);
            assert_eq!(&bytes[*place..place + begins.len()], begins.as_bytes());
        }
        assert!(tail.contains(&format!("startxref\n{table}\n")), "{tail}");
        assert!(all.contains("/Count 2"));
        assert_eq!(bytes, pdf("The ball", &pages()), "the same pages, the same bytes");
    }

    #[test]
    fn brackets_are_escaped_and_letters_the_font_lacks_are_left_out() {
        assert_eq!(text("A (red) \\ ball"), "A \\(red\\) \\\\ ball");
        assert_eq!(text("Füße “ja” 日本"), "F\\374\\337e \"ja\" ");
    }
}
