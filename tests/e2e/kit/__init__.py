"""What the tests from outside share: the box as a process, browsers, SDK clients, and measurements of pictures and sound."""
