//! What people write short and say in full, as tables: titles, abbreviations, units, money, signs.
//!
//! They exist so that a missing one is one line. Only what a film's lines hold is listed.

/// Before a name.
pub const TITLES: [(&str, &str); 18] = [
    ("Mr", "Mr"),
    ("Mrs", "Mrs"),
    ("Ms", "Miz"),
    ("Dr", "Dr"),
    ("Prof", "Professor"),
    ("St", "Saint"),
    ("Mt", "Mount"),
    ("Gen", "General"),
    ("Gov", "Governor"),
    ("Sen", "Senator"),
    ("Capt", "Captain"),
    ("Lt", "Lieutenant"),
    ("Col", "Colonel"),
    ("Sgt", "Sergeant"),
    ("Rev", "Reverend"),
    ("Cpl", "Corporal"),
    ("Maj", "Major"),
    ("Adm", "Admiral"),
];
/// With their full stop, anywhere.
pub const SHORT: [(&str, &str); 27] = [
    ("St", "Street"),
    ("Ave", "Avenue"),
    ("Blvd", "Boulevard"),
    ("Rd", "Road"),
    ("Jr", "Junior"),
    ("Sr", "Senior"),
    ("Inc", "Incorporated"),
    ("Corp", "Corporation"),
    ("Ltd", "Limited"),
    ("Co", "Company"),
    ("Bros", "Brothers"),
    ("Dept", "Department"),
    ("approx", "approximately"),
    ("vs", "versus"),
    ("vol", "volume"),
    ("Vol", "Volume"),
    ("Jan", "January"),
    ("Feb", "February"),
    ("Mar", "March"),
    ("Apr", "April"),
    ("Aug", "August"),
    ("Sep", "September"),
    ("Sept", "September"),
    ("Oct", "October"),
    ("Nov", "November"),
    ("Dec", "December"),
    ("etc", "et cetera"),
];
pub const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
/// After a number: one, several.
pub const UNITS: [(&str, &str, &str); 25] = [
    ("km", "kilometer", "kilometers"),
    ("cm", "centimeter", "centimeters"),
    ("mm", "millimeter", "millimeters"),
    ("kg", "kilogram", "kilograms"),
    ("mg", "milligram", "milligrams"),
    ("lb", "pound", "pounds"),
    ("lbs", "pound", "pounds"),
    ("oz", "ounce", "ounces"),
    ("ft", "foot", "feet"),
    ("yd", "yard", "yards"),
    ("ml", "milliliter", "milliliters"),
    ("mph", "miles per hour", "miles per hour"),
    ("km/h", "kilometers per hour", "kilometers per hour"),
    ("Hz", "hertz", "hertz"),
    ("kHz", "kilohertz", "kilohertz"),
    ("MB", "megabyte", "megabytes"),
    ("GB", "gigabyte", "gigabytes"),
    ("hr", "hour", "hours"),
    ("hrs", "hour", "hours"),
    ("mins", "minute", "minutes"),
    ("secs", "second", "seconds"),
    ("fps", "frames per second", "frames per second"),
    ("°", "degree", "degrees"),
    ("°C", "degree Celsius", "degrees Celsius"),
    ("°F", "degree Fahrenheit", "degrees Fahrenheit"),
];
/// Sign, one, several, hundredths one and several.
pub type Money = (char, &'static str, &'static str, &'static str, &'static str);
pub const MONEY: [Money; 4] = [
    ('$', "dollar", "dollars", "cent", "cents"),
    ('£', "pound", "pounds", "penny", "pence"),
    ('€', "euro", "euros", "cent", "cents"),
    ('¥', "yen", "yen", "sen", "sen"),
];
pub const SIZES: [&str; 5] = ["hundred", "thousand", "million", "billion", "trillion"];
/// Before a Roman numeral that counts, and before one that orders.
pub const COUNTED: [&str; 10] =
    ["chapter", "part", "act", "scene", "section", "volume", "book", "episode", "level", "stage"];
pub const ORDERED: [&str; 12] = [
    "Pope",
    "King",
    "Queen",
    "Henry",
    "Louis",
    "Edward",
    "George",
    "William",
    "Charles",
    "James",
    "Richard",
    "Elizabeth",
];
pub const PARTS: [&str; 11] =
    ["", "", "half", "third", "quarter", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"];
pub const SIGNS: [(&str, &str); 6] =
    [("&", "and"), ("@", "at"), ("+", "plus"), ("=", "equals"), ("~", "about"), ("%", "percent")];
