//! JSON (RFC 8259) read by hand, to compare with what the library reads by
//! other means. Keeps every member, also a repeated one.

/// Deeper than anything the library takes; deeper is "no JSON" here.
const DEEPEST: usize = 80;

/// A value and its own text.
pub struct Json<'a> {
    pub raw: &'a str,
    pub kind: Kind<'a>,
}

pub enum Kind<'a> {
    Null,
    Bool,
    Number,
    /// `None`: with half of a surrogate pair in it, which is no text.
    Text(Option<String>),
    List(Vec<Json<'a>>),
    Object(Vec<(Option<String>, Json<'a>)>),
}

impl<'a> Json<'a> {
    /// The one value that `bytes` are, if they are one.
    pub fn parse(bytes: &'a [u8]) -> Option<Json<'a>> {
        let text = std::str::from_utf8(bytes).ok()?;
        let mut reader = Reader { text, at: 0 };
        let value = reader.value(0)?;
        reader.space();
        (reader.at == text.len()).then_some(value)
    }

    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(text) => text.as_deref(),
            _ => None,
        }
    }

    /// How deep lists and objects nest.
    pub fn depth(&self) -> usize {
        match &self.kind {
            Kind::List(values) => 1 + values.iter().map(Json::depth).max().unwrap_or(0),
            Kind::Object(members) => 1 + members.iter().map(|(_, value)| value.depth()).max().unwrap_or(0),
            _ => 0,
        }
    }

    /// The members of an object as the library promises to read one: none
    /// twice, at most 512, at most 64 deep, a byte-order mark passed over.
    pub fn members(bytes: &'a [u8]) -> Option<Vec<(String, Json<'a>)>> {
        let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
        let Kind::Object(members) = Json::parse(bytes)?.kind else {
            return None;
        };
        let members = members.into_iter().map(|(name, value)| Some((name?, value))).collect::<Option<Vec<_>>>()?;
        let twice =
            members.iter().enumerate().any(|(at, (name, _))| members[..at].iter().any(|(other, _)| other == name));
        let flat = members.iter().all(|(_, value)| value.depth() < 64);
        (!twice && flat && members.len() <= 512).then_some(members)
    }
}

/// The member of that name; null counts as none.
pub fn member<'m, 'a>(members: &'m [(String, Json<'a>)], names: &[&str]) -> Option<&'m Json<'a>> {
    let of = |name: &&str| members.iter().find(|(known, value)| known == name && !matches!(value.kind, Kind::Null));
    names.iter().find_map(of).map(|(_, value)| value)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn eat(&mut self, word: &str) -> Option<()> {
        self.text[self.at..].starts_with(word).then(|| self.at += word.len())
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn value(&mut self, depth: usize) -> Option<Json<'a>> {
        self.space();
        let start = self.at;
        let kind = match self.peek()? {
            _ if depth > DEEPEST => return None,
            b'n' => self.eat("null").map(|()| Kind::Null)?,
            b't' => self.eat("true").map(|()| Kind::Bool)?,
            b'f' => self.eat("false").map(|()| Kind::Bool)?,
            b'"' => Kind::Text(self.string()?),
            b'[' => Kind::List(self.list(depth)?),
            b'{' => Kind::Object(self.object(depth)?),
            _ => self.number().map(|()| Kind::Number)?,
        };
        Some(Json { raw: &self.text[start..self.at], kind })
    }

    fn list(&mut self, depth: usize) -> Option<Vec<Json<'a>>> {
        let mut values = Vec::new();
        self.eat("[")?;
        self.space();
        if self.eat("]").is_some() {
            return Some(values);
        }
        loop {
            values.push(self.value(depth + 1)?);
            self.space();
            if self.eat("]").is_some() {
                return Some(values);
            }
            self.eat(",")?;
        }
    }

    fn object(&mut self, depth: usize) -> Option<Vec<(Option<String>, Json<'a>)>> {
        let mut members = Vec::new();
        self.eat("{")?;
        self.space();
        if self.eat("}").is_some() {
            return Some(members);
        }
        loop {
            self.space();
            let name = self.string()?;
            self.space();
            self.eat(":")?;
            members.push((name, self.value(depth + 1)?));
            self.space();
            if self.eat("}").is_some() {
                return Some(members);
            }
            self.eat(",")?;
        }
    }

    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }

    fn number(&mut self) -> Option<()> {
        let _ = self.eat("-");
        if self.eat("0").is_none() {
            self.digits()?;
        }
        if self.eat(".").is_some() {
            self.digits()?;
        }
        if self.eat("e").or_else(|| self.eat("E")).is_some() {
            let _ = self.eat("+").or_else(|| self.eat("-"));
            self.digits()?;
        }
        Some(())
    }

    /// `Some(None)` for a string that no text is.
    fn string(&mut self) -> Option<Option<String>> {
        self.eat("\"")?;
        let mut units: Vec<u16> = Vec::new();
        loop {
            let char = self.text[self.at..].chars().next()?;
            self.at += char.len_utf8();
            match char {
                '"' => return Some(String::from_utf16(&units).ok()),
                '\\' => units.push(self.escape()?),
                '\0'..='\u{1f}' => return None,
                _ => units.extend_from_slice(char.encode_utf16(&mut [0; 2])),
            }
        }
    }

    fn escape(&mut self) -> Option<u16> {
        let char = self.text[self.at..].chars().next()?;
        self.at += char.len_utf8();
        let unit = match char {
            '"' | '\\' | '/' => char as u16,
            'b' => 8,
            'f' => 12,
            'n' => 10,
            'r' => 13,
            't' => 9,
            'u' => {
                let digits = self.text.get(self.at..self.at + 4)?;
                if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                    return None;
                }
                self.at += 4;
                u16::from_str_radix(digits, 16).ok()?
            }
            _ => return None,
        };
        Some(unit)
    }
}
