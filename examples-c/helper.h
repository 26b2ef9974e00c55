/*
 * helper.h - what standard C lacks: a question at the terminal whose answer
 * is not shown, and a whole file. Include it first: it asks for POSIX.
 */
#ifndef HELPER_H
#define HELPER_H

#ifdef _WIN32
#define _CRT_SECURE_NO_WARNINGS
#include <io.h>
#include <windows.h>
#define open _open
#define read _read
#define write _write
#define close _close
#define TERMINAL_IN "CONIN$"
#define TERMINAL_OUT "CONOUT$"
#else
#define _POSIX_C_SOURCE 200809L
#include <signal.h>
#include <termios.h>
#include <unistd.h>
#define TERMINAL_IN "/dev/tty"
#define TERMINAL_OUT "/dev/tty"
#endif
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

/* Reads a file, as much as fits; its length, or 0 when it cannot be read. */
static size_t read_file(const char *path, char *buffer, size_t size)
{
    FILE *file = fopen(path, "rb");
    size_t length = 0;

    if (file != NULL) {
        length = fread(buffer, 1, size, file);
        fclose(file);
    } else {
        perror(path);
    }
    return length;
}

/* Reads up to the end of the line or of the file; a line that does not fit
   is cut. No stdio: its buffers would keep a password. */
static void read_line(int fd, char *line, size_t size)
{
    size_t length = 0;

    while (length + 1 < size && read(fd, line + length, 1) == 1
           && line[length] != '\n')
        length++;
    if (length > 0 && line[length - 1] == '\r')
        length--;
    line[length] = '\0';
}

#ifdef _WIN32
static DWORD terminal_mode;

static void hide_typing(int fd)
{
    HANDLE console = (HANDLE)_get_osfhandle(fd);

    GetConsoleMode(console, &terminal_mode);
    SetConsoleMode(console, terminal_mode & ~(DWORD)ENABLE_ECHO_INPUT);
}

static void show_typing(int fd)
{
    SetConsoleMode((HANDLE)_get_osfhandle(fd), terminal_mode);
}
#else
static struct termios terminal_mode;
static int terminal;

/* Ctrl-C must not leave a terminal behind that shows nothing. */
static void interrupted(int signal_number)
{
    tcsetattr(terminal, TCSANOW, &terminal_mode);
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

static void hide_typing(int fd)
{
    struct termios hidden;

    terminal = fd;
    tcgetattr(fd, &terminal_mode);
    hidden = terminal_mode;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    signal(SIGINT, interrupted);
    tcsetattr(fd, TCSAFLUSH, &hidden);
}

static void show_typing(int fd)
{
    tcsetattr(fd, TCSANOW, &terminal_mode);
    signal(SIGINT, SIG_DFL);
}
#endif

static void say(int fd, const char *text)
{
    if (write(fd, text, (unsigned)strlen(text)) < 0)
        perror("terminal");
}

/* The line that the person at the terminal types, shown or not; "" when
   there is no terminal. */
static const char *ask(const char *question, int shown, char *line, size_t size)
{
    int in = open(TERMINAL_IN, O_RDWR), out = open(TERMINAL_OUT, O_RDWR);

    line[0] = '\0';
    if (in >= 0 && out >= 0) {
        if (!shown)
            hide_typing(in);
        say(out, question);
        read_line(in, line, size);
        if (!shown) {
            say(out, "\n");
            show_typing(in);
        }
    } else {
        perror(TERMINAL_IN);
    }
    if (in >= 0)
        close(in);
    if (out >= 0)
        close(out);
    return line;
}

/* A password from descriptor `fd`, or from the terminal when it is -1. */
static void read_password(int fd, char *password, size_t size)
{
    if (fd >= 0)
        read_line(fd, password, size);
    else
        ask("Password: ", 0, password, size);
}

#endif
