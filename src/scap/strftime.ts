const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const DAY_MS = 86_400_000;

const pad = (value: number, digits: number, fill = '0'): string => String(value).padStart(digits, fill);

function dayOfYear(date: Date): number {
  const start = Date.UTC(date.getFullYear(), 0, 1);
  return Math.round((Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) - start) / DAY_MS) + 1;
}

function zone(date: Date): string {
  const minutes = -date.getTimezoneOffset();
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${pad(Math.floor(size / 60), 2)}${pad(size % 60, 2)}`;
}

/** ISO 8601 week and the year it belongs to. */
function isoWeek(date: Date): [week: number, year: number] {
  const day = new Date(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()));
  // The week belongs to the year of its Thursday.
  day.setUTCDate(day.getUTCDate() + 4 - (day.getUTCDay() || 7));
  const start = Date.UTC(day.getUTCFullYear(), 0, 1);
  return [Math.ceil(((day.getTime() - start) / DAY_MS + 1) / 7), day.getUTCFullYear()];
}

/** One conversion of C's strftime in the C locale; undefined for a letter that has none. */
function convert(letter: string, date: Date): string | undefined {
  const hour12 = date.getHours() % 12 || 12;
  switch (letter) {
    case 'Y':
      return String(date.getFullYear());
    case 'C':
      return pad(Math.floor(date.getFullYear() / 100), 2);
    case 'y':
      return pad(date.getFullYear() % 100, 2);
    case 'm':
      return pad(date.getMonth() + 1, 2);
    case 'd':
      return pad(date.getDate(), 2);
    case 'e':
      return pad(date.getDate(), 2, ' ');
    case 'H':
      return pad(date.getHours(), 2);
    case 'k':
      return pad(date.getHours(), 2, ' ');
    case 'I':
      return pad(hour12, 2);
    case 'l':
      return pad(hour12, 2, ' ');
    case 'M':
      return pad(date.getMinutes(), 2);
    case 'S':
      return pad(date.getSeconds(), 2);
    case 'p':
      return date.getHours() < 12 ? 'AM' : 'PM';
    case 'P':
      return date.getHours() < 12 ? 'am' : 'pm';
    case 'j':
      return pad(dayOfYear(date), 3);
    case 'a':
      return DAYS[date.getDay()].slice(0, 3);
    case 'A':
      return DAYS[date.getDay()];
    case 'b':
    case 'h':
      return MONTHS[date.getMonth()].slice(0, 3);
    case 'B':
      return MONTHS[date.getMonth()];
    case 'u':
      return String(date.getDay() || 7);
    case 'w':
      return String(date.getDay());
    case 'U':
      return pad(Math.floor((dayOfYear(date) + 6 - date.getDay()) / 7), 2);
    case 'W':
      return pad(Math.floor((dayOfYear(date) + 6 - ((date.getDay() + 6) % 7)) / 7), 2);
    case 'V':
      return pad(isoWeek(date)[0], 2);
    case 'G':
      return String(isoWeek(date)[1]);
    case 'g':
      return pad(isoWeek(date)[1] % 100, 2);
    case 's':
      return String(Math.floor(date.getTime() / 1000));
    case 'z':
      return zone(date);
    case 'F':
      return strftime('%Y-%m-%d', date);
    case 'T':
    case 'X':
      return strftime('%H:%M:%S', date);
    case 'R':
      return strftime('%H:%M', date);
    case 'r':
      return strftime('%I:%M:%S %p', date);
    case 'D':
    case 'x':
      return strftime('%m/%d/%y', date);
    case 'c':
      return strftime('%a %b %e %H:%M:%S %Y', date);
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case '%':
      return '%';
    default:
      return undefined;
  }
}

/** C's strftime in the C locale and the local time zone. Unknown conversions stay as they are. */
export function strftime(template: string, date: Date): string {
  return template.replace(/%[EO]?([a-zA-Z%])/g, (whole, letter: string) => convert(letter, date) ?? whole);
}
