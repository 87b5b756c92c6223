"""Speed and memory of the model, alone and beside other engines. Run by `make bench`, never by the tests."""
