/*
 * The cause of a failure, in words for the user.
 *
 * A fallible call returns 0 or more, or a negative errno, and is marked
 * must_check; the words go into a struct err that the caller owns. House
 * style: what failed first, the 'subject' quoted, lower case, no full stop,
 * the remedy where one is known: "can't read 'mail.log': permission denied;
 * run as a member of group adm".
 */
#ifndef MXWATCH_BASE_ERR_H
#define MXWATCH_BASE_ERR_H

#define must_check __attribute__((warn_unused_result))
#define printf_like(fmt, args) __attribute__((format(printf, fmt, args)))

struct err {
	char text[1024]; /* NUL-terminated; control bytes already made harmless */
};

/* Fills *err (which may be NULL) and returns CODE, a negative errno. */
int err_set(struct err *err, int code, const char *format, ...) printf_like(3, 4);

#endif
