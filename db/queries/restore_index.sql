select chain.restore_index()
