# Makes a C string of schema.sql.
s/\\/\\\\/g
s/"/\\"/g
s/^/"/
s/$/\\n"/
1i\
static const char schema_sql[] =
$a;
