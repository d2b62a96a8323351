/*
 * messages.c
 *	  Untranslated messages for the fuzzing server, preloaded beside
 *	  AddressSanitizer's runtime.
 *
 * With that runtime preloaded (clang 14, glibc 2.36), glibc's lock on message
 * catalogues has been released once too often before main() begins, and the
 * server would wait for it for ever in its first bindtextdomain().
 */
char *
bindtextdomain(const char *domain, const char *directory)
{
	return (char *) directory;
}

char *
bind_textdomain_codeset(const char *domain, const char *codeset)
{
	return (char *) codeset;
}

char *
textdomain(const char *domain)
{
	return (char *) domain;
}

char *
gettext(const char *message)
{
	return (char *) message;
}

char *
dgettext(const char *domain, const char *message)
{
	return (char *) message;
}

char *
dcgettext(const char *domain, const char *message, int category)
{
	return (char *) message;
}
