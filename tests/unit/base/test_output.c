/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/base/output.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include <cmocka.h>

#define BUFFER_SIZE 1000
#define STREAM_SIZE (1 << 20) /* more than a pipe holds */

/* The byte that belongs at a place of the stream. */
static char stream_byte(size_t at)
{
    return (char)(at * 7 + at / 251);
}

/* Appends a stretch of the stream, in pieces of all lengths. */
static int append_stream(struct output *output, size_t size)
{
    char piece[3000];
    size_t at = 0, round = 0;
    int r = 0;

    while (at < size && r == 0) {
        size_t length = MIN(size - at, round++ * 37 % sizeof(piece));

        for (size_t i = 0; i < length; i++)
            piece[i] = stream_byte(at + i);
        r = output_append(output, piece, length);
        at += length;
    }
    return r;
}

/* Reads to the end; whether it is the stream, whole. */
static bool reads_stream(int fd, size_t size)
{
    char bytes[777];
    size_t at = 0;
    ssize_t length;

    while ((length = read(fd, bytes, sizeof(bytes))) > 0) {
        for (ssize_t i = 0; i < length; i++) {
            if (bytes[i] != stream_byte(at++))
                return false;
        }
    }
    return length == 0 && at == size;
}

static void test_file(UNUSED void **state)
{
    _cleanup_(output_clear)
    struct output output = { 0 };
    _cleanup_(close_fd)
    int fd = memfd_create("output", MFD_CLOEXEC);

    assert_int_equal(output_init(&output, fd, -1, BUFFER_SIZE), 0);
    assert_int_equal(output_append(&output, "", 0), 0);
    assert_int_equal(output_flush(&output), 0);
    assert_int_equal(lseek(fd, 0, SEEK_END), 0);
    assert_int_equal(append_stream(&output, STREAM_SIZE), 0);
    assert_int_equal(output_flush(&output), 0);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    assert_true(reads_stream(fd, STREAM_SIZE));
}

/* A reader of its own that is slower than we are; the pipe blocks, or says EAGAIN. */
static void write_to_reader(int flags)
{
    _cleanup_(output_clear)
    struct output output = { 0 };
    int pipe_fds[2], status;
    pid_t reader;

    assert_int_equal(pipe2(pipe_fds, O_CLOEXEC), 0);
    reader = fork();
    assert_true(reader >= 0);
    if (reader == 0) {
        (void)close(pipe_fds[1]);
        _exit(reads_stream(pipe_fds[0], STREAM_SIZE) ? 0 : 1);
    }
    (void)close(pipe_fds[0]);
    assert_int_equal(fcntl(pipe_fds[1], F_SETFL, flags), 0);
    assert_int_equal(output_init(&output, pipe_fds[1], -1, BUFFER_SIZE * 20), 0);
    assert_int_equal(append_stream(&output, STREAM_SIZE), 0);
    assert_int_equal(output_flush(&output), 0);
    (void)close(pipe_fds[1]);
    assert_int_equal(waitpid(reader, &status, 0), reader);
    assert_int_equal(status, 0);
}

static void test_pipe(UNUSED void **state)
{
    write_to_reader(0);
    write_to_reader(O_NONBLOCK);
}

/* Nobody reads: a signal ends the wait, and what comes later is dropped at once. */
static void test_signal_ends_the_wait(UNUSED void **state)
{
    _cleanup_(output_clear)
    struct output output = { 0 };
    int pipe_fds[2], signal_fds[2];

    assert_int_equal(pipe2(pipe_fds, O_CLOEXEC), 0);
    assert_int_equal(pipe2(signal_fds, O_CLOEXEC), 0);
    assert_int_equal(output_init(&output, pipe_fds[1], signal_fds[0], BUFFER_SIZE), 0);
    assert_int_equal(write(signal_fds[1], "!", 1), 1);
    /* What the pipe has room for goes out all the same. */
    assert_int_equal(append_stream(&output, BUFFER_SIZE * 5), 0);
    assert_int_equal(append_stream(&output, STREAM_SIZE), -EINTR);
    assert_int_equal(output_append(&output, "x", 1), -EINTR);
    assert_int_equal(output_flush(&output), -EINTR);
    for (size_t i = 0; i < 2; i++) {
        (void)close(pipe_fds[i]);
        (void)close(signal_fds[i]);
    }
}

static void test_reader_has_gone(UNUSED void **state)
{
    _cleanup_(output_clear)
    struct output output = { 0 };
    int pipe_fds[2];

    assert_int_equal(pipe2(pipe_fds, O_CLOEXEC), 0);
    (void)close(pipe_fds[0]);
    assert_int_equal(output_init(&output, pipe_fds[1], -1, BUFFER_SIZE), 0);
    assert_int_equal(output_append(&output, "x", 1), 0);
    assert_int_equal(output_flush(&output), -EPIPE);
    assert_int_equal(output_append(&output, "x", 1), -EPIPE);
    (void)close(pipe_fds[1]);
}

static void test_full_disk(UNUSED void **state)
{
    _cleanup_(output_clear)
    struct output output = { 0 };
    _cleanup_(close_fd)
    int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(output_init(&output, fd, -1, BUFFER_SIZE), 0);
    assert_int_equal(append_stream(&output, STREAM_SIZE), -ENOSPC);
    assert_int_equal(output_flush(&output), -ENOSPC);
    assert_int_equal(output.failure, -ENOSPC);
}

static void test_not_for_writing(UNUSED void **state)
{
    _cleanup_(output_clear)
    struct output output = { 0 };
    _cleanup_(close_fd)
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

    assert_int_equal(output_init(&output, fd, -1, BUFFER_SIZE), 0);
    assert_int_equal(output_append(&output, "x", 1), 0);
    assert_int_equal(output_flush(&output), -EBADF);
}

/* A record counts when its last byte is written, wherever the buffer was cut. */
static void test_records(UNUSED void **state)
{
    enum { RECORDS = 5000, RECORD_SIZE = 7 };
    _cleanup_(output_clear)
    struct output output = { 0 };
    char record[BUFFER_SIZE] = { 0 };
    int fds[2];

    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    assert_int_equal(output_init(&output, fds[1], -1, BUFFER_SIZE), 0);
    assert_int_equal(output_append_record(&output, record, BUFFER_SIZE - 1), 0);
    assert_int_equal(output.records, 0);
    assert_int_equal(output_append_record(&output, record, 2), 0); /* written but for a byte */
    assert_int_equal(output.records, 1);
    assert_int_equal(output_append(&output, record, 3), 0); /* no record */
    assert_int_equal(output_flush(&output), 0);
    assert_int_equal(output.records, 2);
    assert_int_equal(output_append_record(&output, record, BUFFER_SIZE), 0);
    assert_int_equal(output.records, 3);
    for (int i = 0; i < RECORDS; i++)
        assert_int_equal(output_append_record(&output, record, RECORD_SIZE), 0);
    assert_int_equal(output.records, 3 + RECORDS); /* which fill the buffer 35 times */
    close_fd(&fds[0]);
    assert_int_equal(output_append_record(&output, record, RECORD_SIZE), 0);
    assert_int_equal(output_flush(&output), -EPIPE);
    assert_int_equal(output_append_record(&output, record, RECORD_SIZE), -EPIPE);
    assert_int_equal(output.records, 3 + RECORDS);
    close_fd(&fds[1]);
}

/* More records than their ends are kept of: written early, and counted all the same. */
static void test_many_small_records(UNUSED void **state)
{
    enum { RECORDS = 20000 };
    _cleanup_(output_clear)
    struct output output = { 0 };
    int fd = memfd_create("output", MFD_CLOEXEC);

    assert_int_equal(output_init(&output, fd, -1, 1 << 20), 0);
    for (int i = 0; i < RECORDS; i++)
        assert_int_equal(output_append_record(&output, "x", 1), 0);
    assert_int_equal(output_flush(&output), 0);
    assert_int_equal(output.records, RECORDS);
    close_fd(&fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_file),
        cmocka_unit_test(test_pipe),
        cmocka_unit_test(test_signal_ends_the_wait),
        cmocka_unit_test(test_reader_has_gone),
        cmocka_unit_test(test_full_disk),
        cmocka_unit_test(test_not_for_writing),
        cmocka_unit_test(test_records),
        cmocka_unit_test(test_many_small_records),
    };

    (void)signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
